// SPDX-License-Identifier: MIT
#include "child.hpp"
#include "print.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <vector>

import forksafe;
import forksafe.journal;
import toy;

using namespace forksafe;
using namespace std::chrono_literals;

namespace {

/// The difference between the clocks of this program and those of the kernel.
constinit std::chrono::seconds wall_set_by{0};
constinit std::chrono::seconds slept_for{0};

std::chrono::milliseconds distance(WallTime one, WallTime other) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(one > other ? one - other : other - one);
}

WallTime now() { return WallTime::clock::now(); }

std::uint64_t generation() noexcept { return 1; }

/// One server of one process, with a record for each of its events. Its destructor resets the clocks.
struct Server {
  Journal journal{{{"Event", "hook"}}, generation};
  Server() { enter(); }
  ~Server() { wall_set_by = slept_for = 0s; }
  void enter() { journal.enter({1, ::getpid(), 1, 1, 1, true}, SteadyTime::clock::now()); }
  void happens() {
    enter();
    journal.end(journal.begin(0, "one", SteadyTime::clock::now()), Outcome::heard, 1ns);
  }
  WallTime time(std::size_t record) { return journal.latest().records.at(record).time; }
};

}  // namespace

/// Replaces the C library's function for the whole program, because no test can set the machine's clock or make it sleep.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  long const result = ::syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += (wall_set_by + slept_for).count();
  if (clock == CLOCK_BOOTTIME) time->tv_sec += slept_for.count();
  return static_cast<int>(result);
}

BOOST_FIXTURE_TEST_SUITE(clocks, Server)

BOOST_AUTO_TEST_CASE(times_follow_a_wall_clock_that_was_set) {
  happens();
  BOOST_TEST(distance(time(0), now()) < 5s);
  for (std::chrono::seconds const step : {3'600s, -7'200s, 10s}) {
    wall_set_by = step;
    BOOST_TEST(distance(time(0), now()) < 5s, "set by " << step.count() << " s");
    BOOST_TEST(distance(journal.wall_time(SteadyTime::clock::now()), now()) < 1s);
  }
}

BOOST_AUTO_TEST_CASE(what_happened_before_the_machine_slept_is_so_long_ago) {
  happens();
  WallTime const before = now();
  slept_for = 3h;
  happens();
  BOOST_TEST(distance(time(0), before) < 5s);
  BOOST_TEST(distance(time(1), now()) < 5s);
  slept_for = 5h;
  // Nothing has happened since the sleep. The first look notices it, and times that were read earlier count as before the
  // sleep.
  static_cast<void>(journal.wall_time(SteadyTime::clock::now()));
  BOOST_TEST(distance(journal.wall_time(SteadyTime::clock::now()), now()) < 1s);
  BOOST_TEST(distance(time(0), before) < 5s);
  BOOST_TEST(distance(time(1), before + 3h) < 5s);
  happens();
  BOOST_TEST(distance(time(2), now()) < 5s);
}

BOOST_AUTO_TEST_CASE(a_laptop_that_has_slept_a_thousand_times_knows_its_latest_times) {
  for (int time = 0; time != 1'000; ++time) {
    slept_for += 1h;
    happens();
  }
  BOOST_TEST(distance(time(999), now()) < 5s);
  BOOST_TEST(distance(time(990), now() - 9h) < 5s);
}

BOOST_AUTO_TEST_CASE(all_processes_tell_one_time) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"clock"};
  app.emit<"start">(ApplicationServerStarting{toy::master()});
  wall_set_by = 3'600s;
  std::string const own = to_text(app.debug().processes.at(0).born);
  auto const child = in_child([&] { return to_text(app.debug().processes.at(0).born); });
  BOOST_TEST(child.text == own);
}

BOOST_AUTO_TEST_SUITE_END()
