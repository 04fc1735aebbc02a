// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

import forksafe;
import forksafe.gunicorn;
import forksafe.uwsgi;
import toy;

using namespace forksafe;

namespace {

std::vector<std::string> heard;

struct First {
  void operator()(ApplicationPostFork const&) { heard.push_back("compiled"); }
};

struct Last {
  static constexpr Phase phase = Phase::threads;
  void load(Application&) { heard.push_back("threads"); }
};
struct Early {
  static constexpr Phase phase = Phase::locks;
  void load(Application&) { heard.push_back("locks"); }
};

/// Subscribes at compile time and at run time.
struct Threads {
  static constexpr Phase phase = Phase::threads;
  void operator()(ApplicationPostFork const&) { heard.push_back("threads"); }
  void operator()(ApplicationPreFork const&) { heard.push_back("threads"); }
};
struct Plain {
  void operator()(ApplicationPostFork const&) { heard.push_back("compiled"); }
  void operator()(ApplicationPreFork const&) { heard.push_back("compiled"); }
};

using App = ForkSafeApp<toy::ToyPolicy, First>;

ApplicationPostFork post_fork() {
  ApplicationPostFork event;
  event.process = {Role::worker, 0, 0, 1, 1};
  event.forked = true;
  return event;
}

std::string joined() {
  std::string text;
  for (std::string const& one : heard) text += one + " ";
  return text;
}

void one(ApplicationPostFork const&) { heard.push_back("one"); }
void two(ApplicationPostFork const&) { heard.push_back("two"); }

template <class App>
std::string heard_in_child(App& app) {
  return in_child([&] {
           app.template emit<"child">(post_fork());
           return joined();
         })
      .text;
}

App& fresh_app() {
  heard.clear();
  return *new App{"shop"};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(application)

BOOST_AUTO_TEST_CASE(without_its_container_it_says_so_in_the_usual_words) {
  struct Silent {
    void operator()(ApplicationPostFork const&) {}
  };
  auto& app = *new ForkSafeApp<UwsgiPolicy, Silent>{"shop"};
  auto const debug = app.debug();
  std::vector<std::string> const log{"uWSGI not available"};
  BOOST_TEST(debug.status == "attempting auto-configure");
  BOOST_TEST(!debug.environment);
  BOOST_TEST(debug.autoconfigure_log == log, boost::test_tools::per_element());
  BOOST_TEST(debug.executed_hooks.empty());
}

BOOST_AUTO_TEST_CASE(without_the_master_it_complains_in_the_usual_words) {
  auto& app = *new ForkSafeApp<UwsgiPolicy>{"shop"};
  app.mark_misconfigured(UwsgiPolicy::requirements[0]);
  auto const debug = app.debug();
  std::vector<std::string> const log{"uWSGI error: you have to enable the uWSGI master process to use this module"};
  BOOST_TEST(debug.status == "uWSGI error");
  BOOST_TEST(!debug.environment);
  BOOST_TEST(debug.autoconfigure_log == log, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(recognised_it_says_what_the_report_promised_and_what_was_heard) {
  struct Silent {
    void operator()(ApplicationPostFork const&) {}
  };
  using Recognised = ForkSafeApp<UwsgiPolicy, Silent>;
  auto& app = *new Recognised{"shop"};
  app.mark_configured();
  auto const result = in_child([&] {
    app.emit<"post_fork">(post_fork());
    app.emit<"fixup">(ApplicationPostWorkerInit{static_cast<EventContext const&>(post_fork())});
    auto const debug = app.debug();
    std::string text = debug.status + "|" + debug.environment.value_or("none");
    for (std::string const& line : debug.autoconfigure_log) text += "|" + line;
    for (ExecutedHook const& executed : debug.executed_hooks) text += "|" + executed.hook + "," + executed.event;
    return text;
  });
  BOOST_TEST(result.text == "uWSGI hook configured|uWSGI|uWSGI available|uWSGI hook configured|"
                            "containers.uwsgi.post_fork_hook,ApplicationPostFork");
}

BOOST_AUTO_TEST_CASE(run_time_subscribers_come_after_the_compiled_ones) {
  App& app = fresh_app();
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("one"); });
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("two"); });
  BOOST_TEST(heard_in_child(app) == "compiled one two ");
}

BOOST_AUTO_TEST_CASE(the_same_key_is_one_subscriber) {
  App& app = fresh_app();
  for (int time = 0; time != 3; ++time)
    app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("once"); });
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("old"); }, "key");
  app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("new"); }, "key");
  BOOST_TEST(heard_in_child(app) == "compiled once new ");
}

BOOST_AUTO_TEST_CASE(functions_of_one_type_are_different_subscribers) {
  App& app = fresh_app();
  for (int time = 0; time != 2; ++time) {
    app.subscribe<ApplicationPostFork>(&one);
    app.subscribe<ApplicationPostFork>(&two);
  }
  BOOST_TEST(heard_in_child(app) == "compiled one two ");
}

BOOST_AUTO_TEST_CASE(its_handle_unsubscribes_even_from_within) {
  App& app = fresh_app();
  Subscription gone = app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("gone"); }, "gone");
  Subscription second = app.subscribe<ApplicationPostFork>(
      [&](ApplicationPostFork const&) {
        heard.push_back("self");
        second.unsubscribe();
      },
      "self");
  gone.unsubscribe();
  gone.unsubscribe();
  auto const result = in_child([&] {
    app.emit<"child">(post_fork());
    return joined() + heard_in_child(app);
  });
  BOOST_TEST(result.text == "compiled self compiled self compiled ");
}

BOOST_AUTO_TEST_CASE(a_late_subscriber_hears_at_once_and_once) {
  App& app = fresh_app();
  auto const result = in_child([&] {
    app.emit<"child">(post_fork());
    app.subscribe<ApplicationPostFork>(
        [](ApplicationPostFork const& event) { heard.push_back(event.late ? "late" : "in time"); });
    app.emit<"child">(post_fork());
    return joined();
  });
  BOOST_TEST(result.text == "compiled late ");
}

BOOST_AUTO_TEST_CASE(a_subscriber_added_while_the_event_is_heard_hears_it_once_and_in_time) {
  App& app = fresh_app();
  app.subscribe<ApplicationPostFork>(
      [&](ApplicationPostFork const&) {
        app.subscribe<ApplicationPostFork>(
            [](ApplicationPostFork const& event) { heard.push_back(event.late ? "late" : "in time"); }, "inner");
      },
      "outer");
  BOOST_TEST(heard_in_child(app) == "compiled in time ");
}

BOOST_AUTO_TEST_CASE(run_time_subscribers_stand_in_the_phases_of_the_compiled_ones) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Threads, Plain>{"shop"};
  auto const add = [&]<class Event>(Event const&, std::string const& name, Phase phase) {
    app.template subscribe<Event>([name](Event const&) { heard.push_back(name); }, name, phase);
  };
  auto const add_all = [&](auto const& event) {
    add(event, "late", Phase::threads);
    add(event, "first", Phase::application);
    add(event, "second", Phase::application);
    add(event, "locks", Phase::locks);
  };
  add_all(ApplicationPostFork{});
  add_all(ApplicationPreFork{});
  heard.clear();
  app.emit<"before">(ApplicationPreFork{});
  BOOST_TEST(joined() == "late threads second first compiled locks ");
  BOOST_TEST(in_child([&] {
               heard.clear();
               app.emit<"child">(post_fork());
               return joined();
             }).text == "locks compiled first second threads late ");
}

BOOST_AUTO_TEST_CASE(a_subscriber_added_to_a_phase_that_is_over_hears_the_event_last) {
  App& app = fresh_app();
  app.subscribe<ApplicationPostFork>(
      [&](ApplicationPostFork const&) {
        app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { heard.push_back("locks"); }, "inner", Phase::locks);
      },
      "outer", Phase::threads);
  BOOST_TEST(heard_in_child(app) == "compiled locks ");
}

BOOST_AUTO_TEST_CASE(a_bridge_subscribes_by_the_event_s_index) {
  App& app = fresh_app();
  auto const tell = [](EventContext const& event) { heard.push_back(event.late ? "late" : std::string{event.hook}); };
  app.subscribe_at(event_index<ApplicationPostFork>, "python", Phase::detach, tell);
  auto const result = in_child([&] {
    app.emit<"child">(post_fork());
    app.subscribe_at(event_index<ApplicationPostFork>, "later", Phase::detach, tell);
    return joined();
  });
  BOOST_TEST(result.text == "child compiled late ");
}

BOOST_AUTO_TEST_CASE(events_that_come_again_are_never_late) {
  App& app = fresh_app();
  app.emit<"before">(ApplicationPreFork{});
  app.subscribe<ApplicationPreFork>([](ApplicationPreFork const&) { heard.push_back("pre"); });
  BOOST_TEST(heard.empty());
}

BOOST_AUTO_TEST_CASE(a_late_subscriber_that_throws_is_recorded) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, OnFailure<Failure::open>>{"shop"};
  auto const result = in_child([&] {
    app.emit<"child">(post_fork());
    app.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) { throw std::runtime_error{"late"}; }, "thrower");
    auto const failures = app.debug().failures;
    return failures.empty() ? std::string{} : failures[0].subscriber + " " + failures[0].reason;
  });
  BOOST_TEST(result.text == "thrower threw: late");
}

BOOST_AUTO_TEST_CASE(a_subscriber_is_built_from_the_application_or_the_registry) {
  struct FromApplication {
    explicit FromApplication(Application& application) { heard.emplace_back(application.registry().name()); }
    void operator()(ApplicationPostFork const&) {}
  };
  struct FromRegistry {
    explicit FromRegistry(Registry& registry) { heard.emplace_back(registry.name()); }
    void operator()(ApplicationPostFork const&) {}
  };
  heard.clear();
  static_cast<void>(new ForkSafeApp<toy::ToyPolicy, FromApplication, FromRegistry>{"shop"});
  BOOST_TEST(joined() == "shop shop ");
}

BOOST_AUTO_TEST_CASE(loading_goes_in_phase_order_and_throws_to_the_container) {
  struct Bad {
    void load(Application&) { throw std::runtime_error{"no file"}; }
  };
  heard.clear();
  auto& good = *new ForkSafeApp<toy::ToyPolicy, Last, Early>{"shop"};
  good.load();
  BOOST_TEST(joined() == "locks threads ");
  auto& bad = *new ForkSafeApp<toy::ToyPolicy, Bad>{"shop"};
  BOOST_CHECK_THROW(bad.load(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_environment_overrides_and_secrets_stay_secret) {
  ::setenv("SHOP_DATABASE_PASSWORD", "hunter2", 1);
  App& app = fresh_app();
  app.configure({});
  BOOST_TEST(app.registry().settings().get("database.password", "") == "hunter2");
  std::string const json = to_json(app.debug());
  std::string const text = to_text(app.debug());
  BOOST_TEST(json.find("hunter2") == std::string::npos);
  BOOST_TEST(text.find("hunter2") == std::string::npos);
  BOOST_TEST(json.find("SHOP_DATABASE_PASSWORD") != std::string::npos);
  ::unsetenv("SHOP_DATABASE_PASSWORD");
}

BOOST_AUTO_TEST_SUITE_END()
