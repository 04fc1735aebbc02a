// SPDX-License-Identifier: MIT
module;
#include <chrono>
export module forksafe:deadline;

namespace forksafe {

/// Lets Delivery::interrupted run in a signal handler of this thread at Delivery::due(), which is `due` by now. No system
/// call where the timer goes off before that anyway: it is set anew when it does. The timer belongs to the process: a
/// child makes its own.
void arm_deadline(std::chrono::steady_clock::time_point due) noexcept;
void disarm_deadline() noexcept;

/// From now on a subscriber that calls exit() is dealt with like one that failed.
void watch_exit() noexcept;

}  // namespace forksafe
