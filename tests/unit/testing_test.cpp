// SPDX-License-Identifier: MIT
// Tests the container that forksafe.testing offers to the tests of applications.
#include "print.hpp"
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

import forksafe;
import forksafe.testing;
import toy;

using namespace forksafe;

namespace {

/// Remembers in which process it heard which event.
struct Trace {
  void operator()(ApplicationPreFork const& event) { tell("before", event.child.slot); }
  void operator()(ApplicationPostFork const& event) {
    tell(event.forked ? "forked" : "not forked", event.process.slot);
    if (fails) throw std::runtime_error{"as written"};
  }
  void operator()(ApplicationPostForkParent const& event) { tell("after", event.child.slot); }
  void operator()(ApplicationForkFailed const& event) { tell("failed " + std::to_string(event.error), event.child.slot); }
  void operator()(ApplicationWorkerReaped const& event) {
    tell("gone " + std::to_string(event.status.value_or(-1)), event.child.slot);
  }
  void tell(std::string const& what, std::optional<int> slot) {
    told += what + " " + std::to_string(slot.value_or(0)) + (event_pid == ::getpid() ? "" : " elsewhere") + "\n";
  }

  bool fails = false;
  pid_t event_pid = ::getpid();
  std::string told{};
};

using App = ForkSafeApp<toy::ToyPolicy, Trace>;

struct Server {
  testing::Container<App> container{"app"};
  Trace& trace = container.app().registry().get<Trace>();
  Server() { container.start(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_container)

BOOST_FIXTURE_TEST_CASE(a_worker_hears_its_fork_in_a_process_of_its_own, Server) {
  auto worker = container.fork([&] { return trace.told; });
  auto const end = container.reap(worker);
  BOOST_TEST(end.said == "before 1\nforked 1 elsewhere\n");
  BOOST_TEST(end.status.value_or(-1) == 0);
  BOOST_TEST(trace.told == "before 1\nafter 1\ngone 0 1\n");
}

BOOST_FIXTURE_TEST_CASE(what_was_heard_is_told_in_order_with_its_outcome, Server) {
  auto worker = container.fork([] { return std::string{}; });
  container.reap(worker);
  std::vector<testing::Call> const heard = container.heard_in(worker.process.pid);
  BOOST_REQUIRE(!heard.empty());
  BOOST_TEST(heard.front().event == "ApplicationPostFork");
  BOOST_TEST(heard.front().hook == "child");
  BOOST_TEST(heard.front().slot == 1);
  BOOST_TEST(heard.front().outcome == Outcome::heard);
  BOOST_TEST(to_text(heard).find("Trace heard ApplicationPostFork\n") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_worker_that_fails_leaves_as_the_policy_says_and_does_no_work, Server) {
  trace.fails = true;
  auto worker = container.fork([] { return std::string{"served"}; });
  auto const end = container.reap(worker);
  BOOST_TEST(end.said.empty());
  BOOST_TEST(end.status.value_or(-1) == 70);
  BOOST_TEST(container.heard_in(worker.process.pid).front().outcome == Outcome::threw);
}

BOOST_FIXTURE_TEST_CASE(a_slot_is_filled_again_by_the_next_incarnation, Server) {
  auto first = container.fork([] { return std::string{}; });
  auto second = container.fork([] { return std::string{}; });
  BOOST_TEST(second.process.slot.value_or(0) == 2);
  container.reap(first);
  auto third = container.fork([] { return std::string{}; });
  BOOST_TEST(third.process.slot.value_or(0) == 1);
  BOOST_TEST(third.process.incarnation.value_or(0) == 2);
  container.reap(second);
  container.reap(third);
}

BOOST_FIXTURE_TEST_CASE(a_fork_can_fail, Server) {
  container.fail_fork(EAGAIN);
  BOOST_TEST(trace.told == "before 1\nfailed " + std::to_string(EAGAIN) + " 1\n");
}

BOOST_FIXTURE_TEST_CASE(a_worker_that_hangs_is_killed_and_reaped, Server) {
  auto worker = container.fork_hanging();
  auto const end = container.time_out(worker);
  BOOST_TEST(end.signal.value_or(0) == SIGKILL);
  BOOST_TEST(trace.told == "before 1\nafter 1\ngone 9 1\n");
}

BOOST_FIXTURE_TEST_CASE(a_fork_that_no_hook_announces_is_heard_by_nobody, Server) {
  auto worker = container.fork_unannounced([&] { return trace.told + "silence"; });
  BOOST_TEST(container.reap(worker).said == "silence");
  BOOST_TEST(trace.told.empty());
}

BOOST_FIXTURE_TEST_CASE(what_the_container_never_raises_is_not_raised, Server) {
  container.reload();
  container.stop();
  BOOST_TEST(to_text(container.heard()).find("Server") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_the_work_throws_is_what_it_says, Server) {
  auto worker = container.fork([]() -> std::string { throw std::runtime_error{"as written"}; });
  BOOST_TEST(container.reap(worker).said == "threw: as written");
}

BOOST_AUTO_TEST_SUITE_END()
