// SPDX-License-Identifier: MIT
#include "child.hpp"
#include "print.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

import forksafe;
import forksafe.journal;
import toy;

using namespace forksafe;
using toy::master;
using toy::worker;
using namespace std::chrono_literals;

namespace {

enum class Trouble { none, throws, hangs, exits, kills, is_slow, forks };
Trouble trouble = Trouble::none;

struct Troublesome {
  static constexpr std::string_view name = "troublesome";
  static constexpr std::chrono::milliseconds deadline{50};

  template <ApplicationEvent Event>
  void operator()(Event const&) {
    if (trouble == Trouble::throws) throw std::runtime_error{"on purpose"};
    if (trouble == Trouble::hangs) std::this_thread::sleep_for(1h);
    if (trouble == Trouble::exits) std::exit(3);
    if (trouble == Trouble::kills) ::raise(SIGKILL);
    if (trouble == Trouble::is_slow) {
      auto const end = std::chrono::steady_clock::now() + 120ms;
      while (std::chrono::steady_clock::now() < end) std::this_thread::sleep_until(end);
    }
    if (trouble == Trouble::forks) static_cast<void>(in_child([] { return std::string{}; }));
  }
};

struct Answers {
  Response handle(Request const&) { return {200, {}, "answer"}; }
};

using App = ForkSafeApp<toy::ToyPolicy, IfEmitted<Troublesome>, Answers>;

App& fresh_app(Trouble kind = Trouble::none) {
  trouble = kind;
  return *new App{"journal"};
}

std::string calls(Application const& app) {
  std::string text;
  for (JournalRecord const& record : app.journal().latest().records)
    text += std::string{record.event.substr(11)} + " " + record.subscriber + " " + std::string{name_of(record.outcome)} + "; ";
  return text;
}

class EmptySource final : public RequestSource {
 public:
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return "/"; }
  std::span<HeaderView const> headers() override { return {}; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return "127.0.0.1"; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outcomes)

BOOST_AUTO_TEST_CASE(a_call_is_recorded_with_all_that_is_known) {
  App& app = fresh_app();
  auto const before = std::chrono::system_clock::now();
  auto const child = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker(2, 3)});
    return std::to_string(::getpid());
  });
  auto const page = app.journal().latest();
  BOOST_REQUIRE(page.records.size() == 1u);
  JournalRecord const& record = page.records[0];
  BOOST_TEST(record.time >= before - 1ms);
  BOOST_TEST(record.time <= std::chrono::system_clock::now() + 1ms);
  BOOST_TEST(std::to_string(record.pid) == child.text);
  BOOST_TEST(static_cast<Role>(record.role) == Role::worker);
  BOOST_TEST(record.slot == 2);
  BOOST_TEST(record.incarnation == 3);
  BOOST_TEST(record.event == "ApplicationPostFork");
  BOOST_TEST(record.hook == "child");
  BOOST_TEST(record.subscriber == "troublesome");
  BOOST_TEST(record.outcome == Outcome::heard);
  BOOST_TEST(record.duration > 0ns);
  BOOST_TEST(record.duration < 50ms);
  BOOST_TEST(page.written == 1u);
  BOOST_TEST(page.dropped == 0u);
  BOOST_TEST(page.torn == 0u);
}

BOOST_AUTO_TEST_CASE(each_way_to_end_is_told_apart) {
  for (auto const [kind, outcome] :
       {std::pair{Trouble::throws, "threw"}, std::pair{Trouble::hangs, "outlasted"}, std::pair{Trouble::exits, "called_exit"},
        std::pair{Trouble::kills, "died_inside"}, std::pair{Trouble::none, "heard"}}) {
    App& app = fresh_app(kind);
    static_cast<void>(in_child([&] {
      app.emit<"child">(ApplicationPostFork{worker()});
      return std::string{};
    }));
    BOOST_TEST(calls(app) == std::string{"PostFork troublesome "} + outcome + "; ");
  }
}

BOOST_AUTO_TEST_CASE(one_that_returns_too_late_has_its_whole_duration) {
  App& app = fresh_app(Trouble::is_slow);
  app.emit<"before">(ApplicationPreFork{master()});
  BOOST_TEST(calls(app) == "PreFork troublesome outlasted; ");
  BOOST_TEST(app.journal().latest().records.at(0).duration >= 120ms);
}

BOOST_AUTO_TEST_CASE(a_call_under_way_is_running) {
  App& app = fresh_app();
  std::string seen;
  app.subscribe<ApplicationPreFork>([&](ApplicationPreFork const&) { seen = calls(app); }, "run time", Phase::generation);
  app.emit<"before">(ApplicationPreFork{master()});
  BOOST_TEST(seen == "PreFork troublesome heard; PreFork run time running; ");
}

BOOST_AUTO_TEST_CASE(an_event_that_nobody_listens_to_is_recorded_too) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"journal"};
  app.emit<"start">(ApplicationServerStarting{master()});
  BOOST_TEST(calls(app) == "ServerStarting  heard; ");
}

BOOST_AUTO_TEST_CASE(a_fork_within_a_call_ends_nobody_elses_record) {
  App& app = fresh_app();
  auto const result = in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker()});
    pid_t const outer = ::getpid();
    std::string seen;
    app.subscribe<ApplicationWorkerExit>(
        [&](ApplicationWorkerExit const&) {
          // The subscriber returns in both processes, once without a fork handler.
          if (::_Fork() == 0) return;
          int status = 0;
          ::wait(&status);
          seen = calls(app);
        },
        "forks", Phase::generation);
    app.emit<"exit">(ApplicationWorkerExit{worker()});
    if (::getpid() != outer) ::_exit(0);
    return seen;
  });
  BOOST_TEST(result.text == "PostFork troublesome heard; WorkerExit troublesome heard; WorkerExit forks running; ");
  BOOST_TEST(calls(app) == "PostFork troublesome heard; WorkerExit troublesome heard; WorkerExit forks heard; ");
}

BOOST_AUTO_TEST_CASE(a_nested_fork_writes_as_itself) {
  App& app = fresh_app();
  static_cast<void>(in_child([&] {
    app.emit<"child">(ApplicationPostFork{worker(1)});
    return in_child(
               [&] {
                 app.emit<"first_use">(ApplicationPostFork{worker(7)});
                 return std::string{};
               },
               ::_Fork)
        .text;
  }));
  auto const records = app.journal().latest().records;
  BOOST_REQUIRE(records.size() == 2u);
  BOOST_TEST(records[0].slot == 1);
  BOOST_TEST(records[1].slot == 7);
  BOOST_TEST(records[0].pid != records[1].pid);
  BOOST_TEST(app.journal().processes().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_request_makes_no_record) {
  App& app = fresh_app();
  app.emit<"start">(ApplicationServerStarting{master()});
  std::string const before = to_json(app.debug());
  EmptySource source;
  Request const request{source};
  for (int time = 0; time != 1'000; ++time) BOOST_REQUIRE(app.handle(request).status == 200);
  BOOST_TEST(app.journal().latest().written == 1u);
  BOOST_TEST(to_json(app.debug()) == before);
}

BOOST_AUTO_TEST_SUITE_END()
