// SPDX-License-Identifier: MIT
#include "print.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <malloc.h>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;

// The memory of a process is bounded, however long it lives and whatever fails in it.
namespace {

std::string reason;

struct Fails {
  static constexpr std::string_view name = "fails";
  void operator()(ApplicationPreFork const&) { throw std::runtime_error{reason}; }
};

using App = ForkSafeApp<toy::ToyPolicy, Fails>;

/// Lets a fork of the master fail in a subscriber, with this reason.
void fork_fails(App& app, std::string text) {
  reason = std::move(text);
  app.emit<"before">(ApplicationPreFork{toy::master()});
  app.emit<"after">(ApplicationPostForkParent{toy::master()});
}

std::uint64_t times_of(DebugObject const& debug) {
  return std::accumulate(debug.failures.begin(), debug.failures.end(), debug.failures_dropped,
                         [](std::uint64_t sum, FailureRow const& row) { return sum + row.times; });
}

/// Returns the number of bytes that are allocated now.
std::size_t allocated() { return ::mallinfo2().uordblks; }

/// Drops the log of thousands of failures.
struct Quiet {
  Quiet() : kept(::dup(2)) { static_cast<void>(::freopen("/dev/null", "w", stderr)); }
  ~Quiet() {
    ::dup2(kept, 2);
    ::close(kept);
  }
  int kept;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory, Quiet)

BOOST_AUTO_TEST_CASE(equal_failures_are_one_row_with_their_number) {
  auto& app = *new App{"memory"};
  for (int time = 0; time != 5'000; ++time) fork_fails(app, "on purpose");
  DebugObject const debug = app.debug();
  BOOST_REQUIRE(debug.failures.size() == 1u);
  BOOST_TEST(debug.failures[0].times == 5'000u);
  BOOST_TEST(debug.failures[0].reason == "threw: on purpose");
  BOOST_TEST(debug.failures_dropped == 0u);
  BOOST_TEST(debug.last_failed_call.has_value());
}

BOOST_AUTO_TEST_CASE(of_many_different_failures_the_first_and_the_latest_stay_and_all_are_counted) {
  auto& app = *new App{"memory"};
  for (int time = 0; time != 5'000; ++time) fork_fails(app, "number " + std::to_string(time));
  DebugObject const debug = app.debug();
  BOOST_TEST(debug.failures.size() <= 100u);
  BOOST_TEST(debug.failures.front().reason == "threw: number 0");
  BOOST_TEST(debug.failures.back().reason == "threw: number 4999");
  BOOST_TEST(debug.failures_dropped > 0u);
  BOOST_TEST(times_of(debug) == 5'000u);
  fork_fails(app, "number 4990");
  BOOST_TEST(app.debug().failures.back().reason == "threw: number 4990");
  BOOST_TEST(app.debug().failures.back().times == 2u);
}

BOOST_AUTO_TEST_CASE(failures_take_no_more_memory_in_the_end_than_in_the_beginning) {
  auto& app = *new App{"memory"};
  std::string const long_text(1'000'000, 'x');
  for (int time = 0; time != 200; ++time) fork_fails(app, std::to_string(time) + long_text);
  reason.clear();
  reason.shrink_to_fit();
  std::size_t const before = allocated();
  BOOST_TEST(to_json(app.debug()).size() < 1'000'000u);
  for (int time = 0; time != 20'000; ++time) fork_fails(app, "number " + std::to_string(time));
  BOOST_TEST(allocated() < before + 64 * 1024, allocated() << " after " << before);
}

BOOST_AUTO_TEST_CASE(a_reason_that_is_cut_off_shows_no_half_of_a_password) {
  for (std::size_t const at : {1'960u, 1'975u, 1'980u, 1'985u, 1'990u, 2'000u}) {
    auto& app = *new App{"memory"};
    fork_fails(app, std::string(at, 'x') + " postgresql://shop:hunter2hunter2hunter2hunter2@database/shop");
    BOOST_TEST(to_json(app.debug()).find("hunter2") == std::string::npos, at);
  }
}

BOOST_AUTO_TEST_CASE(who_is_unsubscribed_leaves_nothing) {
  auto& app = *new App{"memory"};
  auto const come_and_go = [&](int times) {
    for (int time = 0; time != times; ++time)
      app.subscribe<ApplicationPreFork>([](ApplicationPreFork const&) {}, "key number " + std::to_string(time)).unsubscribe();
  };
  come_and_go(100);
  std::size_t const before = allocated();
  come_and_go(20'000);
  BOOST_TEST(allocated() < before + 64 * 1024, allocated() << " after " << before);
  BOOST_TEST(app.debug().subscribers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_unsubscribes_while_an_event_is_heard_leaves_nothing_either) {
  auto& app = *new App{"memory"};
  std::vector<std::string> heard;
  auto const round = [&](int number) {
    std::string const key = std::to_string(number);
    static Subscription* own = nullptr;
    auto subscription = app.subscribe<ApplicationPreFork>(
        [&heard, key](ApplicationPreFork const&) {
          heard.push_back(key);
          own->unsubscribe();
        },
        "goes " + key);
    app.subscribe<ApplicationPreFork>([&heard](ApplicationPreFork const&) { heard.push_back("stays"); }, "stays");
    own = &subscription;
    fork_fails(app, "on purpose");
  };
  round(0);
  std::ranges::sort(heard);
  BOOST_TEST(heard == (std::vector<std::string>{"0", "stays"}), boost::test_tools::per_element());
  std::size_t const before = allocated();
  for (int number = 1; number != 5'000; ++number) {
    heard.clear();
    round(number);
    BOOST_REQUIRE(heard.size() == 2u);
  }
  heard.clear();
  BOOST_TEST(allocated() < before + 64 * 1024, allocated() << " after " << before);
  BOOST_TEST(app.debug().subscribers.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_full_keeps_its_beginning_and_its_end) {
  auto& app = *new App{"memory"};
  for (int line = 0; line != 5'000; ++line) app.log_note("line " + std::to_string(line));
  auto const log = app.debug().autoconfigure_log;
  BOOST_TEST(log.size() <= 100u);
  BOOST_TEST(log.at(1) == "line 0");
  BOOST_TEST(std::ranges::count(log, "older lines are left out here") == 1);
  BOOST_TEST(log.back() == "line 4999");
}

BOOST_AUTO_TEST_CASE(subscribers_of_run_time_are_among_the_subscribers) {
  auto& app = *new App{"memory"};
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) {}, "my key", Phase::detach);
  app.subscribe<ApplicationPostWorkerInit>([](ApplicationPostWorkerInit const&) {}, "my key", Phase::detach);
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) {}, "last", Phase::threads);
  auto gone = app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) {}, "gone");
  gone.unsubscribe();
  app.subscribe_at(
      event_index<ApplicationPostFork>, "only recorded", Phase::application, [](EventContext const&) {}, default_deadline,
      false);
  auto const rows = app.debug().subscribers;
  BOOST_REQUIRE(rows.size() == 3u);
  BOOST_TEST(rows[0].name == "my key");
  BOOST_TEST(rows[0].phase == Phase::detach);
  BOOST_TEST(rows[0].at_run_time);
  BOOST_TEST(rows[0].events == (std::vector<std::string_view>{"ApplicationPostFork", "ApplicationPostWorkerInit"}),
             boost::test_tools::per_element());
  BOOST_TEST(rows[1].name == "fails");
  BOOST_TEST(rows[1].phase == Phase::application);
  BOOST_TEST(!rows[1].at_run_time);
  BOOST_TEST(rows[2].name == "last");
  BOOST_TEST(rows[2].phase == Phase::threads);
  BOOST_TEST(rows[2].at_run_time);
  BOOST_TEST(to_text(app.debug()).find("my key") != std::string::npos);
  BOOST_TEST(to_json(app.debug()).find("\"my key\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_beginning_of_the_debug_object_is_the_same_without_the_rest) {
  auto& app = *new App{"memory"};
  app.mark_configured();
  for (int time = 0; time != 1'000; ++time) fork_fails(app, "on purpose");
  DebugObject const debug = app.debug();
  DebugBasics const basics = app.basics();
  BOOST_TEST(basics.status == debug.status);
  BOOST_TEST(basics.environment == debug.environment);
  BOOST_TEST(basics.autoconfigure_log == debug.autoconfigure_log, boost::test_tools::per_element());
  BOOST_REQUIRE(basics.executed_hooks.size() == 1u);
  BOOST_REQUIRE(debug.executed_hooks.size() == 1u);
  BOOST_TEST(basics.executed_hooks[0].hook == debug.executed_hooks[0].hook);
}

BOOST_AUTO_TEST_SUITE_END()
