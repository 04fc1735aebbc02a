// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE demo
#include <boost/test/unit_test.hpp>

import demo;
import forksafe;
import forksafe.preset;

using forksafe::PresetPolicy;

// The configuration, asserted while compiling: it holds in whatever container the preset builds for.
static_assert(demo::Demo::report.status == PresetPolicy::status);
static_assert(forksafe::emits<PresetPolicy, forksafe::ApplicationPostFork>);
static_assert(demo::Demo::report.subscribers[0].name == "demo::Tokens");
static_assert(demo::Demo::report.subscribers[0].phase == "reseed");
static_assert(demo::Demo::handles_requests);

BOOST_AUTO_TEST_CASE(outside_its_container_nothing_is_claimed) {
  auto& app = *new demo::Demo{"demo"};
  auto const debug = app.debug();
  BOOST_TEST(debug.status == "attempting auto-configure");
  BOOST_TEST(!debug.environment);
  BOOST_TEST(debug.executed_hooks.empty());
}

BOOST_AUTO_TEST_CASE(the_subscriber_does_its_work_when_called) {
  auto& app = *new demo::Demo{"demo"};
  demo::Tokens tokens;
  auto const before = tokens.draw();
  tokens(forksafe::ApplicationPostFork{});
  BOOST_TEST(tokens.draw() != before);
  app.call_subscribers(forksafe::ApplicationPostFork{});
}
