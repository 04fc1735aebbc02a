// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;

namespace {

/// A container that raises fewer events, and gives its hooks other names.
struct PlainPolicy {
  static constexpr std::string_view name = "plain";
  static constexpr std::string_view environment = "Plain";
  static constexpr std::string_view status = "Plain hook configured";
  static constexpr std::array<std::string_view, 1> log{"Plain available"};
  static constexpr std::array<Requirement, 0> requirements{};
  static constexpr Leaving leave = exit_with<71>;
  static constexpr HandlerCalls handler_calls = HandlerCalls::one_at_a_time;
  static constexpr std::array wiring{
      native<ApplicationPreFork>("prepare", "master"), native<ApplicationPostForkParent>("done", "master"),
      native<ApplicationPostFork>("begin", "worker"),  native<ApplicationServerReady>("open", "master"),
      absent<ApplicationForkFailed>("not told"),       absent<ApplicationPostWorkerInit>("not told"),
      absent<ApplicationWorkerReady>("not told"),      absent<ApplicationWorkerExit>("not told"),
      absent<ApplicationWorkerReaped>("not told"),     absent<ApplicationWorkerAbort>("not told"),
      absent<ApplicationServerStarting>("not told"),   absent<ApplicationServerReload>("not told"),
      absent<ApplicationServerExit>("not told"),
  };
};
using Either = AutoPolicy<toy::ToyPolicy, PlainPolicy>;

std::string heard;

struct Fork {
  void operator()(ApplicationPostFork const& event) {
    heard += std::string{event.hook} + " in " + std::string{event.container} + " ";
  }
};
struct Anything {
  template <ApplicationEvent Event>
  void operator()(Event const&) {
    heard += std::string{event_name<Event>} + " ";
  }
};

using App = ForkSafeApp<Either, Fork>;
using Witness = ForkSafeApp<Either, IfEmitted<Anything>>;

static_assert(ContainerPolicy<Either>);
static_assert(emits<Either, ApplicationPostFork>);
static_assert(!emits<Either, ApplicationServerReady>, "the first of the two never raises it");
static_assert(App::report.status == "attempting auto-configure" && App::report.environment.empty());
static_assert(App::report_as<PlainPolicy>.status == "Plain hook configured");
static_assert(Witness::report_as<PlainPolicy>.subscribers[0].events.size() == 4);

ApplicationPostFork post_fork() { return {toy::worker()}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(choice)

BOOST_AUTO_TEST_CASE(before_the_container_is_known_it_attempts) {
  App& app = *new App{"shop"};
  BOOST_TEST(app.debug().status == "attempting auto-configure");
  BOOST_TEST(!app.debug().environment);
  BOOST_TEST(app.debug().autoconfigure_log.empty());
  app.mark_unavailable("Toy");
  app.mark_unavailable("Other", "it has no masterpid");
  BOOST_TEST(app.debug().autoconfigure_log ==
                 (std::vector<std::string>{"Toy not available", "Other not available: it has no masterpid"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_log_keeps_what_was_tried_before) {
  App& app = *new App{"shop"};
  app.mark_unavailable("Toy");
  BOOST_TEST(app.choose<PlainPolicy>());
  app.mark_configured();
  BOOST_TEST(app.debug().status == "Plain hook configured");
  BOOST_TEST(app.debug().environment.value() == "Plain");
  BOOST_TEST(app.debug().autoconfigure_log == (std::vector<std::string>{"Toy not available", "Plain available"}),
             boost::test_tools::per_element());
  BOOST_TEST(app.debug().wiring.size() == PlainPolicy::wiring.size());
}

BOOST_AUTO_TEST_CASE(a_container_without_what_it_requires_complains) {
  App& app = *new App{"shop"};
  BOOST_TEST(app.choose<toy::ToyPolicy>());
  app.mark_misconfigured(toy::ToyPolicy::requirements[0]);
  BOOST_TEST(app.debug().status == "Toy error");
  BOOST_TEST(app.debug().autoconfigure_log == std::vector<std::string>{"Toy error: start it with --toy"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_choice_is_made_once) {
  App& app = *new App{"shop"};
  BOOST_TEST(app.choose<PlainPolicy>());
  BOOST_TEST(app.choose<PlainPolicy>());
  BOOST_TEST(!app.choose<toy::ToyPolicy>());
  app.mark_configured();
  BOOST_TEST(app.debug().status == "Plain hook configured");
}

BOOST_AUTO_TEST_CASE(the_chosen_container_s_hooks_are_delivered_and_recorded) {
  App& app = *new App{"shop"};
  app.choose<PlainPolicy>();
  auto const result = in_child([&] {
    heard.clear();
    app.emit_as<PlainPolicy, "begin">(post_fork());
    app.emit_as<PlainPolicy, "begin">(post_fork());
    DebugObject const debug = app.debug();
    return heard + debug.executed_hooks.at(0).hook + " " + std::string{debug.processes.at(0).events.at(0).hook};
  });
  BOOST_TEST(result.text == "begin in plain containers.plain.begin begin");
}

BOOST_AUTO_TEST_CASE(a_tolerant_subscriber_hears_what_the_chosen_container_raises) {
  Witness& app = *new Witness{"shop"};
  app.choose<PlainPolicy>();
  heard.clear();
  app.emit_as<PlainPolicy, "open">(ApplicationServerReady{toy::master()});
  BOOST_TEST(heard == "ApplicationServerReady ");
}

BOOST_AUTO_TEST_SUITE_END()
