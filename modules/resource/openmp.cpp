// SPDX-License-Identifier: MIT
module;
#include <cstddef>
#include <dlfcn.h>
#include <link.h>
#include <memory>
#include <string>
#include <string_view>
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

void pause(void* libgomp) {
  // LLVM's runtime also goes by the name of libgomp; there the pause is what breaks the child (14; no longer in 19).
  if (::dlsym(libgomp, "__kmpc_fork_call") != nullptr) return;
  auto* const pause_resource_all = reinterpret_cast<int (*)(int)>(::dlsym(libgomp, "omp_pause_resource_all"));
  if (pause_resource_all == nullptr) veto("this libgomp is older than GCC 9 and can't end its threads");
  if (pause_resource_all(pause_hard) != 0) veto("libgomp can't end its threads inside a parallel region");
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
