// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
export module forksafe.journal:clock;

import :record;

export namespace forksafe {

/// What the wall clock says of moments, the same in all processes of a server. Like Ring it lives in zeroed shared memory and
/// is never constructed.
///
/// A moment does not count the time in which the machine slept, and does not follow a wall clock that is set. So whoever
/// writes or reads compares the clocks, and notes from which moment on the machine had slept how long; and the wall clock is
/// what it is now, for the times of the past too.
class SharedClock {
 public:
  /// Compares the clocks. Callable in a signal handler.
  void compare() noexcept;
  /// What the clock on the wall, as it is set now, would have said.
  [[nodiscard]] WallTime wall_time(Moment moment) const noexcept;

 private:
  /// From this moment on the machine had slept so long.
  struct Sleep {
    std::atomic<Moment::rep> from;
    std::atomic<std::int64_t> total;
  };
  static constexpr std::size_t sleep_limit = 64;

  [[nodiscard]] std::int64_t slept_at(Moment moment) const noexcept;

  /// What the wall clock said when the machine was booted.
  std::atomic<std::int64_t> boot_;
  std::atomic<std::uint32_t> sleeps_noted_;
  Sleep sleeps_[sleep_limit];
};

/// A number of shared memory as a moment with which can be calculated, whatever was written there.
[[nodiscard]] Moment moment_of(Moment::rep number) noexcept;

}  // namespace forksafe
