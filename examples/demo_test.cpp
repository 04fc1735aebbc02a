// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE demo
#include <boost/test/unit_test.hpp>
#include <string>

import demo;
import forksafe;
import forksafe.preset;
import forksafe.testing;

using forksafe::PresetPolicy;

// The configuration, asserted while compiling: it holds in every container for which a preset builds.
static_assert(demo::Demo::report.status == PresetPolicy::status);
static_assert(forksafe::emits<PresetPolicy, forksafe::ApplicationPostFork>);
static_assert(demo::Demo::report.subscribers[0].name == "demo::Tokens");
static_assert(demo::Demo::report.subscribers[0].phase == forksafe::Phase::reseed);
static_assert(demo::Demo::handles_requests);

BOOST_AUTO_TEST_CASE(outside_its_container_nothing_is_claimed) {
  auto& app = *new demo::Demo{"demo"};
  auto const debug = app.debug();
  BOOST_TEST(debug.status == "attempting auto-configure");
  BOOST_TEST(!debug.environment);
  BOOST_TEST(debug.executed_hooks.empty());
}

BOOST_AUTO_TEST_CASE(each_worker_draws_tokens_of_its_own) {
  forksafe::testing::Container<demo::Demo> container{"demo"};
  container.start();
  auto const draw = [&] { return std::to_string(container.app().registry().get<demo::Tokens>().draw()); };
  auto first = container.fork(draw);
  auto second = container.fork(draw);
  BOOST_TEST(container.reap(first).said != container.reap(second).said);
  BOOST_TEST(to_text(container.heard_in(first.process.pid)).starts_with("demo::Tokens heard ApplicationPostFork\n"));
}

BOOST_AUTO_TEST_CASE(unprotected_two_workers_draw_the_same_token) {
  forksafe::testing::Container<demo::Demo> container{"demo"};
  container.start();
  auto const draw = [&] { return std::to_string(container.app().registry().get<demo::Tokens>().draw()); };
  auto first = container.fork_unannounced(draw);
  auto second = container.fork_unannounced(draw);
  BOOST_TEST(container.reap(first).said == container.reap(second).said);
}
