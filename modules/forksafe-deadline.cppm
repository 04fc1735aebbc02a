// SPDX-License-Identifier: MIT
module;
#include <chrono>
export module forksafe:deadline;

namespace forksafe {

/// Lets Delivery::interrupted run in a signal handler of this thread if the deadline passes first. A later call
/// replaces an earlier one. The timer belongs to the process: a child makes its own.
void arm_deadline(std::chrono::milliseconds deadline) noexcept;
void disarm_deadline() noexcept;

/// From now on a subscriber that calls exit() is dealt with like one that failed.
void watch_exit() noexcept;

}  // namespace forksafe
