// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

import forksafe;
import forksafe.resource;
import forksafe.standalone;
import forks;

using namespace forksafe;

namespace {

/// A thread that counts until it is stopped.
struct Ticker {
  static constexpr std::string_view name = "ticker";
  static constexpr std::chrono::milliseconds deadline{400};

  void start() {
    static_cast<void>(join_until(thread, std::chrono::steady_clock::now()));
    stopping = false;
    if (!thread.joinable()) thread = std::thread{[this] { run(); }};
  }
  bool stop(std::chrono::steady_clock::time_point until) {
    stopping = true;
    return join_until(thread, until);
  }
  void discard() noexcept {
    remake(thread);
    ticks = 0;
  }
  void run() {
    while (!stopping || hangs) {
      ++ticks;
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }
  bool ticks_on() const {
    int const before = ticks;
    for (int wait = 0; wait != 10'000 && ticks == before; ++wait) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return ticks != before;
  }

  std::thread thread;
  std::atomic<bool> stopping = false;
  std::atomic<bool> hangs = false;
  std::atomic<int> ticks = 0;
};
struct LazyTicker : Ticker {
  static constexpr InChild in_child = InChild::lazily;
};
struct NoTicker : Ticker {
  static constexpr InChild in_child = InChild::never;
};

/// Starts the thread and then reports a failure, as if the system allowed no further thread.
struct HalfStarted : Ticker {
  void start() {
    Ticker::start();
    if (fails) throw std::runtime_error{"no further thread"};
  }
  bool fails = true;
};

std::mutex first_mutex;
std::mutex second_mutex;
int half_done = 0;

template <std::mutex& mutex>
struct Lock {
  static constexpr std::string_view name = "lock";
  static constexpr std::chrono::milliseconds deadline{400};
  bool try_lock() { return mutex.try_lock(); }
  void unlock() { mutex.unlock(); }
  void reset() noexcept { remake(mutex); }
};
using Both = LocksTogether<Lock<first_mutex>, Lock<second_mutex>>;

template <class Kind>
struct Fixture {
  using App = ForkSafeApp<StandalonePolicy, Kind>;
  App& app = *new App{"threads"};
  Kind& kind = *app.registry().template find<Kind>();
};

std::size_t threads() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kinds_threads)

BOOST_AUTO_TEST_CASE(threads_stand_still_around_a_fork_and_run_on_both_sides) {
  Fixture<StopRestart<Ticker>> the;
  BOOST_TEST(the.kind.get().ticks_on());
  before_fork(the.app);
  BOOST_TEST(threads() == 1u);
  after_fork_in_parent(the.app);
  BOOST_TEST(threads() == 2u);
  auto const result =
      in_worker(the.app, [&] { return the.kind.is_running() && the.kind.traits().ticks_on() ? "runs" : "stands"; });
  BOOST_TEST(result.text == "runs");
  BOOST_TEST(the.kind.traits().ticks_on());
  BOOST_TEST(the.kind.stop());
  BOOST_TEST(threads() == 1u);
}

BOOST_AUTO_TEST_CASE(a_child_starts_threads_when_the_traits_say) {
  Fixture<StopRestart<LazyTicker>> lazy;
  static_cast<void>(lazy.kind.get());
  auto const result = in_worker(lazy.app, [&] {
    auto const before = threads();
    return std::to_string(before) + std::to_string(lazy.kind.get().ticks_on());
  });
  BOOST_TEST(result.text == "11");
  BOOST_TEST(lazy.kind.stop());

  Fixture<StopRestart<NoTicker>> never;
  static_cast<void>(never.kind.get());
  auto const refused = in_worker(never.app, [&]() -> std::string {
    try {
      static_cast<void>(never.kind.get());
    } catch (InheritedObject const&) {
      return std::to_string(threads()) + std::to_string(never.kind.start().ticks_on());
    }
    return "started";
  });
  BOOST_TEST(refused.text == "11");
  BOOST_TEST(never.kind.stop());

  Fixture<StopRestart<Ticker>> unused;
  BOOST_TEST(in_worker(unused.app, [&] { return std::to_string(threads()); }).text == "1");
}

BOOST_AUTO_TEST_CASE(running_threads_are_dropped_behind_an_unannounced_fork) {
  Fixture<StopRestart<Ticker>> the;
  static_cast<void>(the.kind.get());
  auto const result =
      in_child([&] { return std::to_string(the.kind.is_running()) + std::to_string(the.kind.get().ticks_on()); }, ::_Fork);
  BOOST_TEST(result.text == "01");
  BOOST_TEST(the.kind.stop());
}

BOOST_AUTO_TEST_CASE(threads_that_do_not_stop_veto_every_fork_until_they_do) {
  Fixture<StopRestart<Ticker>> the;
  the.kind.get().hangs = true;
  for (int fork = 0; fork != 2; ++fork)
    BOOST_TEST(in_worker(the.app, [] { return "served"; }).exit_status() == StandalonePolicy::replace_status);
  BOOST_TEST(failures_of(the.app) == "ticker: threw: vetoes the fork: its threads did not stop in time; "
                                     "ticker: threw: vetoes the fork: its threads did not stop in time; ");
  BOOST_TEST(!the.kind.stop());
  BOOST_TEST(in_worker(the.app, [] { return "served"; }).exit_status() == StandalonePolicy::replace_status);
  the.kind.traits().hangs = false;
  BOOST_TEST(in_worker(the.app, [] { return "served"; }).text == "served");
  BOOST_TEST(the.kind.get().ticks_on());
  BOOST_TEST(the.kind.stop());
}

BOOST_AUTO_TEST_CASE(threads_of_a_start_that_failed_half_way_do_not_cross_the_next_fork) {
  Fixture<StopRestart<HalfStarted>> the;
  BOOST_CHECK_THROW(static_cast<void>(the.kind.get()), std::runtime_error);
  BOOST_TEST(threads() == 2u);
  before_fork(the.app);
  BOOST_TEST(threads() == 1u);
  after_fork_in_parent(the.app);
  the.kind.traits().fails = false;
  BOOST_TEST(the.kind.get().ticks_on());
  BOOST_TEST(the.kind.stop());
}

BOOST_AUTO_TEST_CASE(threads_stopped_for_good_stand_still_after_a_fork) {
  Fixture<StopRestart<Ticker>> the;
  BOOST_TEST(the.kind.get().ticks_on());
  BOOST_TEST(the.kind.stop());
  BOOST_TEST(in_worker(the.app, [] { return std::to_string(threads()); }).text == "1");
  BOOST_TEST(threads() == 1u);
  BOOST_TEST(the.kind.get().ticks_on());
  BOOST_TEST(the.kind.stop());
}

BOOST_AUTO_TEST_CASE(a_fork_that_failed_is_over_for_threads_and_locks) {
  Fixture<StopRestart<Ticker>> ticker;
  static_cast<void>(ticker.kind.get());
  before_fork(ticker.app);
  after_failed_fork(ticker.app);
  BOOST_TEST(threads() == 2u);
  BOOST_TEST(ticker.kind.stop());

  Fixture<HoldLock<Lock<first_mutex>>> lock;
  before_fork(lock.app);
  BOOST_TEST(!first_mutex.try_lock());
  after_failed_fork(lock.app);
  BOOST_TEST(first_mutex.try_lock());
  first_mutex.unlock();
}

BOOST_AUTO_TEST_CASE(a_lock_is_held_by_nobody_else_during_the_fork) {
  Fixture<HoldLock<Lock<first_mutex>>> the;
  std::atomic<bool> stop = false;
  std::thread storm{[&] {
    while (!stop) {
      {
        std::lock_guard const guard{first_mutex};
        half_done = 1;
        std::this_thread::sleep_for(std::chrono::microseconds{50});
        half_done = 0;
      }
      std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
  }};
  for (int fork = 0; fork != 50; ++fork) {
    auto const result = in_worker(the.app, [&] {
      std::lock_guard const guard{first_mutex};
      return std::to_string(half_done);
    });
    BOOST_TEST(result.text == "0");
  }
  stop = true;
  storm.join();
  BOOST_TEST(failures_of(the.app) == "");
}

BOOST_AUTO_TEST_CASE(a_lock_that_can_t_be_had_vetoes_and_is_made_anew_in_the_child) {
  Fixture<HoldLock<Lock<first_mutex>>> the;
  std::unique_lock<std::mutex> held{first_mutex, std::defer_lock};
  std::thread{[&] { held.lock(); }}.join();
  BOOST_TEST(in_worker(the.app, [] { return "served"; }).exit_status() == StandalonePolicy::replace_status);
  BOOST_TEST(failures_of(the.app) == "lock: threw: vetoes the fork: the lock could not be had in time; ");
  BOOST_TEST(
      in_child([&] { return static_cast<void>(the.kind.get()), std::to_string(first_mutex.try_lock()); }, ::_Fork).text == "1");
  held.unlock();
  BOOST_TEST(in_worker(the.app, [] { return std::to_string(first_mutex.try_lock()); }).text == "1");
  BOOST_TEST(first_mutex.try_lock());
  first_mutex.unlock();
}

BOOST_AUTO_TEST_CASE(locks_together_need_no_order) {
  Fixture<HoldLock<Both>> the;
  std::atomic<bool> stop = false;
  std::thread opposite{[&] {
    while (!stop) {
      {
        std::lock_guard const second{second_mutex};
        std::this_thread::sleep_for(std::chrono::microseconds{50});
        std::lock_guard const first{first_mutex};
      }
      std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
  }};
  for (int fork = 0; fork != 50; ++fork) {
    auto const result =
        in_worker(the.app, [&] { return std::to_string(first_mutex.try_lock()) + std::to_string(second_mutex.try_lock()); });
    BOOST_TEST(result.text == "11");
  }
  stop = true;
  opposite.join();
  BOOST_TEST(failures_of(the.app) == "");
}

BOOST_AUTO_TEST_CASE(locks_together_give_back_what_they_took) {
  Fixture<HoldLock<Both>> the;
  std::unique_lock<std::mutex> held{second_mutex, std::defer_lock};
  std::thread{[&] { held.lock(); }}.join();
  BOOST_TEST(!the.kind.traits().try_lock());
  BOOST_TEST(!second_mutex.try_lock());
  BOOST_TEST(first_mutex.try_lock());
  first_mutex.unlock();
  held.unlock();
  BOOST_TEST(the.kind.traits().try_lock());
  the.kind.traits().unlock();
}

BOOST_AUTO_TEST_SUITE_END()
