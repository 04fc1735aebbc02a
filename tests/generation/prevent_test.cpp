// SPDX-License-Identifier: MIT
#include "processes.hpp"
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

import forksafe.generation;

using forksafe::PreventFork;
using namespace std::chrono_literals;

namespace {

std::string overruled(forksafe::OverruledForks before) {
  auto const now = forksafe::overruled_forks();
  return std::to_string(now.count - before.count) + " " + std::to_string(now.by_holder - before.by_holder);
}

/// A thread that holds a guard until it is told to release it.
class Holder {
 public:
  Holder(char const* name, std::chrono::milliseconds patience)
      : thread_([this, name, patience] {
          PreventFork const guard{name, patience};
          { PreventFork const nested{"nested", patience}; }
          holds_ = true;
          while (!done_) std::this_thread::sleep_for(1ms);
          in_section_ = false;
        }) {
    while (!holds_) std::this_thread::yield();
  }
  ~Holder() {
    finish();
    thread_.join();
  }
  void finish() { done_ = true; }
  [[nodiscard]] bool in_section() const { return in_section_; }

 private:
  std::atomic<bool> holds_{false};
  std::atomic<bool> done_{false};
  std::atomic<bool> in_section_{true};
  std::thread thread_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(prevent)

BOOST_AUTO_TEST_CASE(guards_nest_and_let_go) {
  auto const before = forksafe::overruled_forks();
  {
    PreventFork const outer{"outer"};
    PreventFork const inner{"inner"};
  }
  BOOST_TEST(in_child([] { return std::string{"forked"}; }).text == "forked");
  BOOST_TEST(overruled(before) == "0 0");
}

BOOST_AUTO_TEST_CASE(who_forks_under_its_own_guard_goes_on_and_is_counted) {
  auto const before = forksafe::overruled_forks();
  {
    PreventFork const guard{"own guard", 1h};
    auto const result = in_child([&] {
      // The inherited guard has no effect here: the child forks freely, and makes new guards.
      std::string const free = in_child([&] { return overruled(before); }).text;
      PreventFork const another{"of the child", 1h};
      return free + " " + overruled(before);
    });
    BOOST_TEST(result.text == "1 1 1 1");
    BOOST_TEST(result.status == 0);
  }
  BOOST_TEST(overruled(before) == "1 1");
  BOOST_TEST(forksafe::overruled_forks().guard == std::string{"own guard"});
}

BOOST_AUTO_TEST_CASE(a_guard_that_ends_in_a_child_takes_nothing_from_the_child_s_own) {
  auto const before = forksafe::overruled_forks();
  auto guard = std::make_unique<PreventFork>("inherited", 1h);
  auto const result = in_child([&] {
    PreventFork const own{"own", 1h};
    guard.reset();
    static_cast<void>(in_child([] { return std::string{}; }));
    return overruled(before);
  });
  guard.reset();
  BOOST_TEST(result.text == "2 2");
}

BOOST_AUTO_TEST_CASE(keeps_errno) {
  errno = 4711;
  {
    PreventFork const guard{"errno"};
    BOOST_TEST(errno == 4711);
  }
  BOOST_TEST(errno == 4711);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(prevent_threads)

BOOST_AUTO_TEST_CASE(a_fork_waits_for_the_guard_of_another_thread) {
  if (under_tsan) return skip("the thread sanitizer does not support forks of a process with several threads");
  auto const before = forksafe::overruled_forks();
  for (int round = 0; round != 10; ++round) {
    Holder holder{"a section", 1h};
    std::jthread const finisher{[&] {
      std::this_thread::sleep_for(5ms);
      holder.finish();
    }};
    BOOST_TEST(in_child([&] { return std::string{holder.in_section() ? "cut" : "whole"}; }).text == "whole");
  }
  BOOST_TEST(overruled(before) == "0 0");
}

BOOST_AUTO_TEST_CASE(a_fork_that_lost_patience_goes_on_and_is_counted) {
  if (under_tsan) return skip("the thread sanitizer does not support forks of a process with several threads");
  auto const before = forksafe::overruled_forks();
  Holder const holder{"too long", 20ms};
  auto const result = in_child([&] {
    // Neither the holder nor its guard exists in the child.
    std::string const free = in_child([&] { return overruled(before); }).text;
    return std::string{holder.in_section() ? "cut " : "whole "} + free;
  });
  BOOST_TEST(result.text == "cut 1 0");
  BOOST_TEST(overruled(before) == "1 0");
  BOOST_TEST(forksafe::overruled_forks().guard == std::string{"nested"});
}

BOOST_AUTO_TEST_CASE(no_guard_crosses_a_fork_that_runs_no_handler) {
  if (under_tsan) return skip("the thread sanitizer does not support forks of a process with several threads");
  auto const before = forksafe::overruled_forks();
  Holder const holder{"after raw clone", 1h};
  pid_t (*const kinds[])() = {::_Fork, raw_clone};
  for (auto* const make : kinds)
    BOOST_TEST(in_child(
                   [&] {
                     PreventFork const own{"own", 1h};
                     return overruled(before);
                   },
                   make)
                   .text == "0 0");
}

BOOST_AUTO_TEST_CASE(a_new_guard_waits_for_a_fork_that_waits) {
  if (under_tsan) return skip("the thread sanitizer does not support forks of a process with several threads");
  static std::atomic<bool> in_prepare{false};
  static std::atomic<bool> guarded{false};
  static std::atomic<bool> guarded_too_early{false};
  forksafe::watch_forks({[]() noexcept {
                           // Guards of the forking thread do not wait for its own fork.
                           PreventFork const own{"of the handler", 1h};
                           in_prepare = true;
                           std::this_thread::sleep_for(20ms);
                           guarded_too_early = guarded.load();
                         },
                         nullptr});
  std::jthread const late{[] {
    while (!in_prepare) std::this_thread::yield();
    PreventFork const guard{"late", 1h};
    guarded = true;
  }};
  BOOST_TEST(in_child([] { return std::string{"forked"}; }).text == "forked");
  forksafe::watch_forks();
  BOOST_TEST(!guarded_too_early);
}

BOOST_AUTO_TEST_SUITE_END()
