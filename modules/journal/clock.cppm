// SPDX-License-Identifier: MIT
export module forksafe.journal:clock;

import :record;
import forksafe.std;

namespace forksafe {

/// Converts moments to wall clock time, alike in all processes of a server. Like Ring it lives in zeroed shared memory and is
/// never constructed.
///
/// A moment does not count the time in which the machine slept, and does not follow a wall clock that is set. So each writer
/// and reader compares the clocks, and notes from which moment on the machine had slept how long. The wall clock as it is set
/// now counts for past times too.
class SharedClock {
 public:
  /// Compares the clocks. Callable in a signal handler.
  void compare() noexcept;
  /// Returns what the wall clock, as it is set now, would have shown.
  [[nodiscard]] WallTime wall_time(SteadyTime moment) const noexcept;

 private:
  /// The time that the machine had slept, from this moment on.
  struct Sleep {
    std::atomic<SteadyTime::rep> from;
    std::atomic<std::int64_t> total;
  };
  static constexpr std::size_t sleep_limit = 64;

  [[nodiscard]] std::int64_t slept_at(SteadyTime moment) const noexcept;

  /// The wall clock's time when the machine was booted.
  std::atomic<std::int64_t> boot_;
  std::atomic<std::uint32_t> sleeps_noted_;
  Sleep sleeps_[sleep_limit];
};

/// Returns a number of shared memory as a moment that is safe to calculate with, whatever was written there.
[[nodiscard]] SteadyTime to_steady_time(SteadyTime::rep number) noexcept;

}  // namespace forksafe
