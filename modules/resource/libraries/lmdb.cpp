// SPDX-License-Identifier: MIT
module;
#include <lmdb.h>
module forksafe.resource.lmdb;

import forksafe.std.operators;

namespace forksafe {

int LmdbTraits::descriptor(MDB_env*& environment) const noexcept {
  mdb_filehandle_t file = -1;
  mdb_env_get_fd(environment, &file);
  return file;
}

MDB_env* LmdbTraits::open_environment(char const* path, LmdbOptions const& options) {
  MDB_env* environment = nullptr;
  int status = mdb_env_create(&environment);
  if (status == MDB_SUCCESS && options.map_size != 0) status = mdb_env_set_mapsize(environment, options.map_size);
  if (status == MDB_SUCCESS && options.databases != 0) status = mdb_env_set_maxdbs(environment, options.databases);
  if (status == MDB_SUCCESS) status = mdb_env_open(environment, path, options.flags, options.mode);
  if (status == MDB_SUCCESS) return environment;
  if (environment != nullptr) mdb_env_close(environment);
  throw std::runtime_error{std::string{path} + " cannot be opened: " + mdb_strerror(status)};
}

}  // namespace forksafe
