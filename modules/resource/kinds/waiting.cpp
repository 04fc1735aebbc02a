// SPDX-License-Identifier: MIT
module;
#include <pthread.h>
#include <time.h>
module forksafe.resource;

import :remake;
import :waiting;
import forksafe.std.operators;

namespace forksafe {

std::chrono::steady_clock::time_point halfway_point(std::chrono::milliseconds deadline) noexcept {
  return std::chrono::steady_clock::now() + deadline / 2;
}

bool is_over(std::chrono::steady_clock::time_point until) noexcept { return std::chrono::steady_clock::now() > until; }

bool join_until(std::thread& thread, std::chrono::steady_clock::time_point until) noexcept {
  if (!thread.joinable()) return true;
  auto const since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count();
  timespec const due{static_cast<time_t>(since_epoch / 1'000'000'000), static_cast<long>(since_epoch % 1'000'000'000)};
  if (::pthread_clockjoin_np(thread.native_handle(), nullptr, CLOCK_MONOTONIC, &due) != 0) return false;
  // It is joined, which std::thread cannot be told in another way.
  remake(thread);
  return true;
}

}  // namespace forksafe
