// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

import forksafe;
import forksafe.journal;
import toy;

using namespace forksafe;
using toy::worker;
using namespace std::chrono_literals;

namespace {

bool hangs = false;

struct Starter {
  static constexpr std::string_view name = "starter";

  void operator()(ApplicationPostFork const&) const {
    if (hangs) std::this_thread::sleep_for(1h);
  }
};

using App = ForkSafeApp<toy::ToyPolicy, Starter>;

/// Returns how a subscriber's call ends in a worker that has used `passed` of its 100 seconds to start, and the incidents.
std::string outcome_after(std::chrono::seconds passed, void (*then)(App&) = [](App&) {}) {
  App& app = *new App{"start"};
  static_cast<void>(in_child([&] {
    auto const begin = std::chrono::steady_clock::now() - passed;
    app.set_start_limit(begin, begin + 100s, "limit");
    then(app);
    app.emit<"child">(ApplicationPostFork{worker()});
    return std::string{};
  }));
  std::string text;
  for (JournalRecord const& record : app.journal().latest().records) text += name_of(record.outcome);
  for (Incident const& incident : app.journal().incidents())
    text += " " + std::string{name_of(incident.kind)} + " " + incident.subscriber;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(start)

BOOST_AUTO_TEST_CASE(a_subscriber_that_leaves_enough_time_is_heard) {
  hangs = false;
  BOOST_TEST(outcome_after(0s) == "heard");
  BOOST_TEST(outcome_after(60s) == "heard");
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_leaves_hardly_any_time_is_an_incident) {
  hangs = false;
  BOOST_TEST(outcome_after(76s) == "slow slow_start starter");
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_leaves_none_has_failed_though_its_own_deadline_is_far) {
  hangs = true;
  BOOST_TEST(outcome_after(88s) == "outlasted");
}

BOOST_AUTO_TEST_CASE(who_has_started_is_free_of_the_limit) {
  hangs = false;
  BOOST_TEST(outcome_after(99s, [](App& app) { app.set_start_limit(); }) == "heard");
}

BOOST_AUTO_TEST_CASE(the_limit_of_a_worker_is_not_that_of_its_children) {
  hangs = false;
  BOOST_TEST(outcome_after(76s, [](App& app) {
               static_cast<void>(in_child([&] {
                 app.emit<"child">(ApplicationPostFork{worker(2)});
                 return std::string{};
               }));
             }) == "heardslow slow_start starter");
}

BOOST_AUTO_TEST_SUITE_END()
