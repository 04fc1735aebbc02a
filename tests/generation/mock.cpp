// SPDX-License-Identifier: MIT
// This unit is a part of the module, so that tests can set the content of the page, and the module need not export that.
module;
#include <cstdint>
module forksafe.generation;

namespace forksafe::detail {

void pretend(std::uint64_t generation) noexcept {
  static_cast<void>(look_for_fork());
  wiped.generation.store(static_cast<std::int64_t>(generation));
}

}  // namespace forksafe::detail

extern "C" void pretend_generation(std::uint64_t generation) { forksafe::detail::pretend(generation); }
