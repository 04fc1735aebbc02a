// SPDX-License-Identifier: MIT
module;
#include <sys/mman.h>
module forksafe.base;

import forksafe.std.operators;

namespace forksafe::base {

void Unmap::operator()(void* memory) const noexcept { ::munmap(memory, size); }

void* map_shared(std::size_t size) noexcept {
  constexpr int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace forksafe::base
