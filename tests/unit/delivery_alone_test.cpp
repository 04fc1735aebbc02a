// SPDX-License-Identifier: MIT
// This unit is a part of the module, because Delivery is not exported. It delivers events of one process without an
// application.
module;
#include <array>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe;

import :context;
import :delivery;
import :late;
import forksafe.policy;

using namespace forksafe;

namespace {

constexpr std::array wiring{native<ApplicationPreFork>("before", "master"),
                            native<ApplicationServerStarting>("start", "master"),
                            native<ApplicationServerReload>("reload", "master")};
constexpr std::array<WiringRow, 0> no_rows{};
constexpr Report report{"", "", {}, no_rows, {}, {}};

struct Alone {
  Registry registry{"alone"};
  DeliveryContext context{.traits = {&report, wiring, "alone", Failure::open, exit_with<70>, "_hook"},
                          .registry = registry,
                          .journal = {to_event_hooks(wiring), generation}};
  std::vector<std::string> heard{};

  template <class Event>
  void subscribe(std::string key, Phase phase = Phase::application) {
    context.late.add(
        event_index<Event>, key, phase,
        [this, key](EventContext const& event) {
          heard.push_back(key + " from " + std::string{event.hook});
          if (key == "thrower") throw std::runtime_error{"as written"};
        },
        default_deadline, true);
  }

  template <class Event>
  bool deliver(std::size_t row) {
    Event event;
    event.process.role = Role::master;
    return bool{Delivery{context, event, event_traits<Event>, row}};
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery_alone)

BOOST_AUTO_TEST_CASE(late_subscribers_hear_in_the_order_of_their_phases) {
  Alone alone;
  alone.subscribe<ApplicationServerReload>("threads", Phase::threads);
  alone.subscribe<ApplicationServerReload>("locks", Phase::locks);
  BOOST_TEST(alone.deliver<ApplicationServerReload>(2));
  BOOST_TEST(alone.heard == (std::vector<std::string>{"locks from reload", "threads from reload"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_tears_down_is_heard_backwards) {
  Alone alone;
  alone.subscribe<ApplicationPreFork>("locks", Phase::locks);
  alone.subscribe<ApplicationPreFork>("threads", Phase::threads);
  BOOST_TEST(alone.deliver<ApplicationPreFork>(0));
  BOOST_TEST(alone.heard == (std::vector<std::string>{"threads from before", "locks from before"}),
             boost::test_tools::per_element());
  BOOST_TEST(alone.context.fork_announced);
}

BOOST_AUTO_TEST_CASE(an_event_of_once_is_heard_once) {
  Alone alone;
  alone.subscribe<ApplicationServerStarting>("early");
  BOOST_TEST(alone.deliver<ApplicationServerStarting>(1));
  BOOST_TEST(!alone.deliver<ApplicationServerStarting>(1));
  BOOST_TEST(alone.heard.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_failure_is_recorded_and_stops_no_other) {
  Alone alone;
  alone.subscribe<ApplicationServerReload>("thrower");
  alone.subscribe<ApplicationServerReload>("next");
  BOOST_TEST(alone.deliver<ApplicationServerReload>(2));
  BOOST_TEST(alone.heard.size() == 2u);
  BOOST_REQUIRE(alone.context.failures.rows().size() == 1u);
  FailureRow const& failure = alone.context.failures.rows().front();
  BOOST_TEST(failure.subscriber == "thrower");
  BOOST_TEST(failure.reason == "threw: as written");
  BOOST_REQUIRE(alone.context.executed_hooks.size() == 1u);
  BOOST_TEST(alone.context.executed_hooks.front().hook == "containers.alone.reload_hook");
  BOOST_TEST(alone.context.executed_hooks.front().failed);
}

BOOST_AUTO_TEST_SUITE_END()
