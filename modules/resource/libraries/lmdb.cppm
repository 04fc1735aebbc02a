// SPDX-License-Identifier: MIT
module;
#include <lmdb.h>
export module forksafe.resource.lmdb;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// The arguments of mdb_env_open.
struct LmdbOptions {
  unsigned flags = 0;
  /// In bytes; 0 leaves it to LMDB (10 MiB).
  std::size_t map_size = 0;
  /// The number of named databases there may be.
  MDB_dbi databases = 0;
  mdb_mode_t mode = 0600;
};

/// The part of NeverTouch's traits that every LMDB environment shares. Derive yours from it:
/// `struct Stock : LmdbTraits { MDB_env* open() { return open_environment("/var/lib/stock"); } };`
///
/// An environment belongs to the process that opened it (lmdb.h, "Caveats"): it knows its slots in the table of readers by that
/// process's id, and the table is shared memory. A child that reads through it occupies the parent's slot; one that ends an
/// inherited transaction frees that slot, and writers overwrite what the parent is reading. So a child leaves the environment
/// behind, with its transactions, cursors and database handles, and opens its own at the next use. To change that, declare
/// another `in_child`.
class LmdbTraits {
 public:
  using Handle = MDB_env*;
  static constexpr InChild in_child = InChild::lazily;

  /// Called in the process that opened it, without a transaction under way.
  void close(MDB_env*& environment) noexcept { mdb_env_close(environment); }
  /// Returns the descriptor of the data; LMDB does not tell that of lock.mdb.
  [[nodiscard]] int descriptor(MDB_env*& environment) const noexcept;

 protected:
  /// Opens an environment. Throws std::runtime_error with LMDB's reason.
  [[nodiscard]] static MDB_env* open_environment(char const* path, LmdbOptions const& options = {});
};

}  // namespace forksafe
