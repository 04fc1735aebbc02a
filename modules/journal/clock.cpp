// SPDX-License-Identifier: MIT
module;
#include <time.h>
module forksafe.journal;

import forksafe.std.operators;

namespace forksafe {
namespace {

/// Sums of three such numbers do not overflow; it is 73 years.
constexpr std::int64_t greatest = std::int64_t{1} << 61;
/// Comparisons are exact to this; no machine sleeps for less.
constexpr std::int64_t least_sleep = 10'000'000;
/// The error that wall clock times may have: smaller corrections would change them at each look.
constexpr std::int64_t least_step = 100'000'000;
/// A comparison that took longer was interrupted.
constexpr std::int64_t longest_look = 1'000'000;
constexpr int most_looks = 5;

std::int64_t read(clockid_t clock) noexcept {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::int64_t bounded(std::int64_t number) noexcept { return std::clamp(number, -greatest, greatest); }

/// A reading of all clocks at one moment.
struct Look {
  std::int64_t moment;
  std::int64_t since_boot;
  std::int64_t wall;
};

std::optional<Look> look() noexcept {
  for (int time = 0; time != most_looks; ++time) {
    std::int64_t const before = read(CLOCK_MONOTONIC), since_boot = read(CLOCK_BOOTTIME), wall = read(CLOCK_REALTIME);
    if (read(CLOCK_MONOTONIC) - before <= longest_look) return Look{before, since_boot, wall};
  }
  return {};
}

bool differ(std::int64_t one, std::int64_t other, std::int64_t least) noexcept {
  return one > other ? one - other >= least : other - one >= least;
}

}  // namespace

SteadyTime to_steady_time(SteadyTime::rep number) noexcept { return SteadyTime{SteadyTime::duration{bounded(number)}}; }

void SharedClock::compare() noexcept {
  auto const now = look();
  if (!now) return;
  if (std::int64_t const boot = now->wall - now->since_boot; differ(bounded(boot_.load()), boot, least_step)) boot_ = boot;
  std::uint32_t noted = sleeps_noted_.load();
  std::int64_t const slept = now->since_boot - now->moment;
  if (noted != 0 && !differ(bounded(sleeps_[(noted - 1) % sleep_limit].total.load()), slept, least_sleep)) return;
  // Two processes that note one sleep at once write the same, as far as they can be compared.
  sleeps_[noted % sleep_limit].from = noted == 0 ? -greatest : now->moment;
  sleeps_[noted % sleep_limit].total = slept;
  sleeps_noted_.compare_exchange_strong(noted, noted + 1);
}

std::int64_t SharedClock::slept_at(SteadyTime moment) const noexcept {
  std::uint32_t const noted = sleeps_noted_.load();
  std::int64_t slept = 0;
  for (std::uint32_t number = noted, read = 0; number != 0 && read != sleep_limit; --number, ++read) {
    Sleep const& sleep = sleeps_[(number - 1) % sleep_limit];
    slept = bounded(sleep.total.load());
    if (sleep.from.load() <= moment.time_since_epoch().count()) break;
  }
  return slept;
}

WallTime SharedClock::wall_time(SteadyTime moment) const noexcept {
  std::int64_t const since_boot = bounded(moment.time_since_epoch().count()) + slept_at(moment);
  std::chrono::nanoseconds const since_epoch{bounded(boot_.load()) + since_boot};
  return WallTime{std::chrono::duration_cast<WallTime::duration>(since_epoch)};
}

}  // namespace forksafe
