// SPDX-License-Identifier: MIT
// journal RECORDS    prints the nanoseconds of one record, of its two readings of the clock, and of one log line
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <time.h>
#include <unistd.h>

import forksafe;

namespace {

using forksafe::SteadyTime;

/// Returns the processor time of this process, so that other processes do not count.
double nanoseconds_used() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

template <class Call>
double nanoseconds_of_each(long iterations, Call call) {
  double const start = nanoseconds_used();
  for (long iteration = 0; iteration != iterations; ++iteration) call();
  return (nanoseconds_used() - start) / static_cast<double>(iterations);
}

}  // namespace

int main(int argument_count, char** arguments) {
  long records = 0;
  if (argument_count == 2) {
    std::string_view const text{arguments[1]};
    std::from_chars(text.data(), text.data() + text.size(), records);
  }
  int const nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (records <= 0 || nowhere < 0) {
    std::fputs("usage: journal RECORDS\n", stderr);
    return 2;
  }

  forksafe::watch_forks();
  forksafe::Journal journal{{{"ApplicationPostFork", "post_fork"}}, forksafe::generation};
  journal.enter({1, ::getpid(), ::getppid(), 1, 1, true}, SteadyTime::clock::now());
  constexpr std::string_view subscriber = "shop::Orders";
  constexpr std::string_view line = "forksafe: shop::Orders heard ApplicationPostFork (hook post_fork, worker 1, pid 12345)\n";

  auto const record = [&] {
    SteadyTime const started = SteadyTime::clock::now();
    std::uint64_t const ticket = journal.begin(0, subscriber, started);
    journal.end(ticket, forksafe::Outcome::heard, SteadyTime::clock::now() - started);
  };
  std::chrono::nanoseconds kept{};
  auto const clock = [&] {
    SteadyTime const started = SteadyTime::clock::now();
    kept += SteadyTime::clock::now() - started;
  };
  auto const log = [&] { static_cast<void>(::write(nowhere, line.data(), line.size())); };

  // The first round touches the pages of the ring, and does not count.
  nanoseconds_of_each(10'000, record);
  double const recorded = nanoseconds_of_each(records, record);
  double const looked = nanoseconds_of_each(records, clock);
  double const logged = nanoseconds_of_each(records, log);
  if (kept.count() < 0 || journal.latest(1).written != static_cast<std::uint64_t>(records) + 10'000) return 1;
  std::printf("%.4f %.4f %.4f\n", recorded, looked, logged);
}
