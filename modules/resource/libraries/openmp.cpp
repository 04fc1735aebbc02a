// SPDX-License-Identifier: MIT
module;
#include <cstddef>
#include <dlfcn.h>
#include <filesystem>
#include <link.h>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>
module forksafe.resource.openmp;

namespace forksafe {
namespace {

/// `omp_pause_hard` of OpenMP 5.0.
constexpr int pause_hard = 2;

int note_libgomp(dl_phdr_info* object, std::size_t, void* found) {
  std::string_view const path = object->dlpi_name;
  if (path.substr(path.rfind('/') + 1).starts_with("libgomp"))
    static_cast<std::vector<std::string>*>(found)->emplace_back(path);
  return 0;
}

/// Where the process has one thread, no library has a team; which library has started a thread cannot be told.
bool may_have_team() {
  std::error_code unknown;
  std::filesystem::directory_iterator thread{"/proc/self/task", unknown};
  if (unknown) return true;
  std::filesystem::directory_iterator const end;
  return thread != end && ++thread != end;
}

void pause(void* libgomp) {
  // LLVM's runtime also goes by the name of libgomp; there the pause is what breaks the child (14; no longer in 19).
  if (::dlsym(libgomp, "__kmpc_fork_call") != nullptr) return;
  auto* const pause_resource_all = reinterpret_cast<int (*)(int)>(::dlsym(libgomp, "omp_pause_resource_all"));
  if (pause_resource_all == nullptr) {
    if (!may_have_team()) return;
    veto("this libgomp is older than GCC 9 and cannot end its threads: run no parallel region before the fork, or set "
         "OMP_NUM_THREADS=1, or load a libgomp of GCC 9 or later first");
  }
  if (pause_resource_all(pause_hard) != 0) veto("libgomp cannot end its threads inside a parallel region");
}

}  // namespace

void OpenMp::before_fork() {
  std::vector<std::string> found;
  ::dl_iterate_phdr(note_libgomp, &found);
  for (std::string const& path : found) {
    std::unique_ptr<void, int (*)(void*)> const library{::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD), ::dlclose};
    if (library != nullptr) pause(library.get());
  }
}

}  // namespace forksafe
