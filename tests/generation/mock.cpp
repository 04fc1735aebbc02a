// SPDX-License-Identifier: MIT
// A unit of the module itself, so that tests can say what the page holds and the module need not offer it to anyone.
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
