// SPDX-License-Identifier: MIT
// This unit is a part of the module, because only the module knows the address of its page.
module;
#include <atomic>
#include <cstdint>
module forksafe.generation;

namespace forksafe::detail {

std::atomic<std::int64_t> const* page_of_generation() noexcept { return &wiped.generation; }

}  // namespace forksafe::detail

extern "C" void const* generation_page() { return forksafe::detail::page_of_generation(); }
