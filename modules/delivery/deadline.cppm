// SPDX-License-Identifier: MIT
export module forksafe:deadline;

import forksafe.journal;
import forksafe.std;

namespace forksafe {

/// The time after its fork within which a worker has to start, where its container limits it.
struct StartLimit {
  SteadyTime begin{};
  SteadyTime end = SteadyTime::max();
  std::string_view setting{};
  /// The process that it is for: its children have none.
  std::uint64_t generation = 0;

  [[nodiscard]] SteadyTime warning() const noexcept;
  /// The rest of the limit is reserved for an orderly exit.
  [[nodiscard]] SteadyTime due() const noexcept;
};

/// Lets Delivery::interrupted run in a signal handler of this thread at Delivery::due(), which is `due` by now. Needs no system
/// call where the timer goes off before that anyway: it is set again when it does. The timer belongs to the process: a child
/// makes its own.
void arm_deadline(std::chrono::steady_clock::time_point due) noexcept;
void disarm_deadline() noexcept;

/// Treats, from now on, a subscriber that calls exit() like one that failed.
void watch_exit() noexcept;

}  // namespace forksafe
