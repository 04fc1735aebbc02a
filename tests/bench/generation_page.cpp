// SPDX-License-Identifier: MIT
// A unit of the module itself: only the module knows where its page is.
module;
#include <atomic>
#include <cstdint>
module forksafe.generation;

namespace forksafe::detail {

std::atomic<std::int64_t> const* page_of_generation() noexcept { return &wiped.generation; }

}  // namespace forksafe::detail

extern "C" void const* generation_page() { return forksafe::detail::page_of_generation(); }
