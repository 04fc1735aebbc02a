// SPDX-License-Identifier: MIT
#include "child.hpp"
#include "print.hpp"
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

import forksafe;
import toy;

using namespace forksafe;
using toy::master;
using toy::worker;

namespace {

int heard = 0;
EventContext last{};

struct Counts {
  template <ApplicationEvent Event>
  void operator()(Event const& event) {
    ++heard;
    last = event;
  }
};

enum class Trouble { none, throws, hangs, exits };
Trouble trouble = Trouble::none;

struct Troublesome {
  static constexpr std::string_view name = "troublesome";
  static constexpr std::chrono::milliseconds deadline{150};

  template <ApplicationEvent Event>
  void operator()(Event const&) {
    if (trouble == Trouble::throws) throw std::runtime_error{"on purpose"};
    if (trouble == Trouble::hangs) std::this_thread::sleep_for(std::chrono::hours{1});
    if (trouble == Trouble::exits) std::exit(3);
  }
};

struct Brisk {
  static constexpr std::string_view name = "brisk";
  static constexpr std::chrono::milliseconds deadline{30};

  void operator()(ApplicationPostFork const&) {}
};

/// Subscribes late inside its call, hears the event then, and hangs.
struct HangsAfterLate {
  static constexpr std::chrono::milliseconds deadline{150};

  explicit HangsAfterLate(Application& application) : application_(application) {}
  void operator()(ApplicationPostWorkerInit const&) {
    application_.subscribe<ApplicationPostFork>([](ApplicationPostFork const&) {}, "late");
    std::this_thread::sleep_for(std::chrono::hours{1});
  }

  Application& application_;
};

struct Slow {
  static constexpr std::string_view name = "slow";
  static constexpr std::chrono::milliseconds deadline{50};

  void operator()(ApplicationPreFork const&) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds{120};
    while (std::chrono::steady_clock::now() < end) std::this_thread::sleep_until(end);
  }
};

using App = ForkSafeApp<toy::ToyPolicy, IfEmitted<Troublesome>, IfEmitted<Counts>>;
using OpenApp = ForkSafeApp<toy::ToyPolicy, OnFailure<Failure::open>, IfEmitted<Troublesome>, IfEmitted<Counts>>;

App& fresh_app() {
  heard = 0;
  last = {};
  trouble = Trouble::none;
  return *new App{"delivery"};
}

std::string failures_of(Application const& app) {
  std::string text;
  for (FailureRow const& failure : app.debug().failures) text += failure.subscriber + ": " + failure.reason + "; ";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery)

BOOST_AUTO_TEST_CASE(a_worker_hears_a_fork_once_whoever_announces_it) {
  App& app = fresh_app();
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker()});
    app.emit<"first_use">(ApplicationPostFork{worker()});
    app.emit<"child">(ApplicationPostFork{worker()});
    return std::to_string(heard) + " " + std::string{last.hook};
  });
  BOOST_TEST(result.text == "1 child");
}

BOOST_AUTO_TEST_CASE(each_generation_hears_it_anew) {
  App& app = fresh_app();
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker()});
    return std::to_string(heard) + in_child(
                                       [&] {
                                         app.emit<"first_use">(ApplicationPostFork{worker()});
                                         app.emit<"child">(ApplicationPostFork{worker()});
                                         return std::to_string(heard);
                                       },
                                       ::_Fork)
                                       .text;
  });
  BOOST_TEST(result.text == "12");
}

BOOST_AUTO_TEST_CASE(an_event_carries_what_is_known) {
  App& app = fresh_app();
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker(2, 3)});
    bool const right = last.registry == &app.registry() && last.container == "toy" && last.hook == "child" &&
                       last.process.role == Role::worker && last.process.pid == ::getpid() &&
                       last.process.parent == ::getppid() && last.process.slot == 2 && last.process.incarnation == 3 &&
                       last.forked && last.respawn && !last.late;
    return std::string{right ? "right" : "wrong"};
  });
  BOOST_TEST(result.text == "right");
}

BOOST_AUTO_TEST_CASE(two_sources_of_one_fork_make_one_pair) {
  App& app = fresh_app();
  app.emit<"before">(ApplicationPreFork{master()});
  app.emit<"pthread_atfork_prepare">(ApplicationPreFork{master()});
  BOOST_TEST(heard == 1);
  app.emit<"pthread_atfork_parent">(ApplicationPostForkParent{master()});
  app.emit<"after">(ApplicationPostForkParent{master()});
  BOOST_TEST(heard == 2);
  app.emit<"after">(ApplicationForkFailed{{master()}});
  BOOST_TEST(heard == 2);
  app.emit<"before">(ApplicationPreFork{master()});
  app.emit<"after">(ApplicationForkFailed{{master()}});
  app.emit<"after">(ApplicationPostForkParent{master()});
  BOOST_TEST(heard == 4);
}

BOOST_AUTO_TEST_CASE(errno_survives) {
  App& app = fresh_app();
  app.subscribe<ApplicationPreFork>([](ApplicationPreFork const&) { errno = ENOENT; }, "spoils errno");
  errno = EXDEV;
  app.emit<"before">(ApplicationPreFork{master()});
  BOOST_TEST(errno == EXDEV);
}

BOOST_AUTO_TEST_CASE(the_master_outlives_a_throwing_subscriber_and_records_it) {
  App& app = fresh_app();
  trouble = Trouble::throws;
  app.emit<"before">(ApplicationPreFork{master()});
  BOOST_TEST(heard == 1);
  BOOST_TEST(failures_of(app) == "troublesome: threw: on purpose; ");
  auto const debug = app.debug();
  BOOST_TEST(bool{debug.failures.at(0).role == debug.processes.at(0).role});
  BOOST_TEST(debug.executed_hooks.size() == 1u);
  BOOST_TEST(debug.executed_hooks[0].failed);
  BOOST_TEST(debug.executed_hooks[0].hook == "containers.toy.before");
}

BOOST_AUTO_TEST_CASE(a_closed_worker_leaves_after_a_failure_with_the_status_that_replaces_it) {
  for (Trouble const kind : {Trouble::throws, Trouble::hangs, Trouble::exits}) {
    App& app = fresh_app();
    trouble = kind;
    auto const result = in_child([&] {
      app.emit<"child">(ApplicationPostFork{worker()});
      return std::string{"served"};
    });
    BOOST_TEST(result.exit_status() == 70);
    BOOST_TEST(result.text.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_deadline_counts_from_its_own_subscriber_though_an_earlier_one_was_due_before) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Brisk, IfEmitted<Troublesome>>{"delivery"};
  trouble = Trouble::hangs;
  auto const begin = std::chrono::steady_clock::now();
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker()});
    return std::string{"served"};
  });
  BOOST_TEST(result.exit_status() == 70);
  BOOST_TEST(std::chrono::steady_clock::now() - begin >= Troublesome::deadline);
}

BOOST_AUTO_TEST_CASE(a_deadline_outlives_a_delivery_within) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, HangsAfterLate>{"delivery"};
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker()});
    app.emit<"child">(ApplicationPostWorkerInit{worker()});
    return std::string{"served"};
  });
  BOOST_TEST(result.exit_status() == 70);
}

BOOST_AUTO_TEST_CASE(an_open_worker_serves_after_a_failure) {
  heard = 0;
  auto& app = *new OpenApp{"open"};
  trouble = Trouble::throws;
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker()});
    return std::to_string(heard) + failures_of(app);
  });
  BOOST_TEST(result.text == "1troublesome: threw: on purpose; ");
}

BOOST_AUTO_TEST_CASE(a_process_that_was_never_forked_stays) {
  App& app = fresh_app();
  trouble = Trouble::throws;
  auto const result = in_child([&] {
    EventContext alone = worker();
    alone.forked = false;
    app.emit<"child">(ApplicationPostFork{alone});
    return std::string{"stayed"};
  });
  BOOST_TEST(result.text == "stayed");
}

BOOST_AUTO_TEST_CASE(the_delay_grows_from_one_failed_replacement_to_the_next) {
  App& app = fresh_app();
  trouble = Trouble::throws;
  auto const lifetime = [&] {
    auto const begin = std::chrono::steady_clock::now();
    static_cast<void>(in_child([&] {
      app.emit<"child">(ApplicationPostFork{worker()});
      return std::string{};
    }));
    return std::chrono::steady_clock::now() - begin;
  };
  static_cast<void>(lifetime());
  static_cast<void>(lifetime());
  BOOST_TEST(lifetime() >= std::chrono::milliseconds{400});
}

BOOST_AUTO_TEST_CASE(what_a_subscriber_opens_becomes_no_standard_stream) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"streams"};
  int opened = -1;
  app.subscribe<ApplicationPostFork>([&](ApplicationPostFork const&) { opened = ::dup(STDERR_FILENO); }, "opens");
  auto const result = in_child([&] {
    ::close(STDIN_FILENO);
    ::close(STDOUT_FILENO);
    app.emit<"child">(ApplicationPostFork{worker()});
    return std::to_string(opened > STDERR_FILENO) + std::to_string(::write(STDOUT_FILENO, "", 1));
  });
  BOOST_TEST(result.text == "11");
}

BOOST_AUTO_TEST_CASE(a_slow_subscriber_in_the_master_is_told_of_and_not_interrupted) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Slow, IfEmitted<Counts>>{"slow"};
  heard = 0;
  app.emit<"before">(ApplicationPreFork{master()});
  BOOST_TEST(heard == 1);
  BOOST_TEST(failures_of(app).starts_with("slow: took "));
}

BOOST_AUTO_TEST_SUITE_END()
