// SPDX-License-Identifier: MIT
export module forksafe.resource:waiting;

import forksafe.std;

export namespace forksafe {

/// Joins a thread that ends before `until`: true, and `thread` stands for none any more. For `stop` of StopRestart.
[[nodiscard]] bool join_until(std::thread& thread, std::chrono::steady_clock::time_point until) noexcept;

}  // namespace forksafe

namespace forksafe {

/// When half of `deadline` will have passed.
[[nodiscard]] std::chrono::steady_clock::time_point halfway_point(std::chrono::milliseconds deadline) noexcept;
[[nodiscard]] bool is_over(std::chrono::steady_clock::time_point until) noexcept;

}  // namespace forksafe
