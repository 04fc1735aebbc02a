// SPDX-License-Identifier: MIT
// Tests the container that forksafe.testing offers to the tests of applications.
#include "print.hpp"
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <dlfcn.h>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

import forksafe;
import forksafe.gunicorn;
import forksafe.standalone;
import forksafe.testing;
import forksafe.uwsgi;
import toy;

using namespace forksafe;

static bool forks_fail = false;

/// Takes the place of the C library's, which can't be made to fail for root.
extern "C" pid_t fork() {
  if (forks_fail) return errno = EAGAIN, -1;
  static auto* const real = reinterpret_cast<pid_t (*)()>(::dlsym(RTLD_NEXT, "fork"));
  return real();
}

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

/// Returns the number that the next descriptor gets.
int next_descriptor() {
  int const descriptor = ::dup(STDERR_FILENO);
  ::close(descriptor);
  return descriptor;
}

bool says_that_it_was_reaped(std::logic_error const& error) {
  return std::string_view{error.what()}.starts_with("this worker was reaped already: ");
}

struct Limit {
  static constexpr std::string_view name = "limit";
  void operator()(ApplicationWorkerAbort const&) {}
  void operator()(ApplicationWorkerExit const&) {}
};

template <class Policy>
std::string heard_of_a_time_out() {
  testing::Container<ForkSafeApp<Policy, Limit>> container{"app"};
  container.start();
  auto worker = container.fork_hanging();
  pid_t const pid = worker.process.pid;
  auto const end = container.time_out(worker);
  BOOST_TEST(end.signal.value_or(0) == SIGKILL);
  BOOST_TEST(end.said == "");
  return "master:\n" + to_text(container.heard_in(::getpid())) + "worker:\n" + to_text(container.heard_in(pid));
}

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

BOOST_AUTO_TEST_CASE(a_time_limit_is_heard_in_the_process_that_the_wiring_names) {
  std::string const in_worker = "master:\nworker:\nlimit heard ApplicationWorkerAbort\nlimit heard ApplicationWorkerExit\n";
  BOOST_TEST(heard_of_a_time_out<StandalonePolicy>() == in_worker);
  BOOST_TEST(heard_of_a_time_out<GunicornPolicy>() == in_worker);
  BOOST_TEST(heard_of_a_time_out<UwsgiPolicy>() == "master:\nlimit heard ApplicationWorkerAbort\nworker:\n");
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

BOOST_FIXTURE_TEST_CASE(a_worker_is_reaped_once, Server) {
  auto worker = container.fork_hanging();
  container.time_out(worker);
  // It gets the number that the worker's pipe had.
  int const another = ::dup(STDERR_FILENO);
  BOOST_CHECK_EXCEPTION(container.reap(worker), std::logic_error, says_that_it_was_reaped);
  BOOST_CHECK_EXCEPTION(container.time_out(worker), std::logic_error, says_that_it_was_reaped);
  BOOST_CHECK_EXCEPTION(worker.child.kill(SIGTERM), std::logic_error, says_that_it_was_reaped);
  BOOST_TEST(::fcntl(another, F_GETFD) >= 0);
  BOOST_TEST(trace.told == "before 1\nafter 1\ngone 9 1\n");
  ::close(another);
}

BOOST_FIXTURE_TEST_CASE(a_worker_that_was_moved_is_reaped_by_its_new_owner, Server) {
  static_assert(!std::is_copy_constructible_v<testing::Worker> && !std::is_copy_assignable_v<testing::Worker>);
  auto first = container.fork([] { return std::string{"done"}; });
  auto worker = std::move(first);
  BOOST_CHECK_THROW(container.reap(first), std::logic_error);
  BOOST_TEST(container.fork([] { return std::string{}; }).process.slot.value_or(0) == 2);
  BOOST_TEST(container.reap(worker).said == "done");
}

BOOST_FIXTURE_TEST_CASE(an_end_that_the_kernel_does_not_tell_is_an_error, Server) {
  struct sigaction before;
  struct sigaction ignored{};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignored, &before);
  auto worker = container.fork([] { return std::string{}; });
  BOOST_CHECK_EXCEPTION(container.reap(worker), std::system_error, [](std::system_error const& error) {
    return error.code().value() == ECHILD &&
           std::string_view{error.what()}.find("SIGCHLD is ignored") != std::string_view::npos;
  });
  ::sigaction(SIGCHLD, &before, nullptr);
  BOOST_TEST(trace.told == "before 1\nafter 1\n");
  auto next = container.fork([] { return std::string{}; });
  BOOST_TEST(next.process.slot.value_or(0) == 1);
  container.reap(next);
}

BOOST_FIXTURE_TEST_CASE(calls_that_the_journal_has_dropped_are_told_of, Server) {
  // start() is one call, and a failed fork two.
  for (int number = 0; number != 4095; ++number) container.fail_fork(EAGAIN);
  BOOST_TEST(container.heard().size() == 8191u);
  container.fail_fork(EAGAIN);
  auto const says = [](std::length_error const& error) {
    return std::string_view{error.what()}.find(" calls and has dropped 1: ") != std::string_view::npos;
  };
  BOOST_CHECK_EXCEPTION(static_cast<void>(container.heard()), std::length_error, says);
  BOOST_CHECK_EXCEPTION(static_cast<void>(container.heard_in(::getpid())), std::length_error, says);
}

BOOST_FIXTURE_TEST_CASE(what_a_worker_leaves_running_delays_nobody, Server) {
  auto const begin = std::chrono::steady_clock::now();
  auto worker = container.fork([] {
    pid_t const grandchild = ::fork();
    if (grandchild == 0) {
      ::alarm(5);
      for (;;) ::pause();
    }
    return std::to_string(grandchild);
  });
  auto const end = container.reap(worker);
  bool const is_soon = std::chrono::steady_clock::now() - begin < std::chrono::seconds{4};
  BOOST_TEST(is_soon);
  BOOST_TEST(end.status.value_or(-1) == 0);
  BOOST_REQUIRE(!end.said.empty());
  ::kill(std::stoi(end.said), SIGKILL);
}

BOOST_FIXTURE_TEST_CASE(a_program_that_a_worker_starts_inherits_no_pipe_of_the_test, Server) {
  int const pipe = next_descriptor();
  auto worker = container.fork([&] {
    std::string flags;
    for (int descriptor = pipe; descriptor != pipe + 2; ++descriptor) {
      int const found = ::fcntl(descriptor, F_GETFD);
      if (found >= 0) flags += std::to_string(found & FD_CLOEXEC);
    }
    return flags;
  });
  BOOST_TEST(container.reap(worker).said == "1");
}

BOOST_FIXTURE_TEST_CASE(without_descriptors_no_fork_is_announced, Server) {
  rlimit before;
  BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit const none{0, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  int error = 0;
  try {
    container.fork([] { return std::string{}; });
  } catch (std::system_error const& thrown) {
    error = thrown.code().value();
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  BOOST_TEST(error == EMFILE);
  BOOST_TEST(trace.told.empty());
}

BOOST_FIXTURE_TEST_CASE(a_fork_that_really_fails_is_heard_and_leaves_nothing, Server) {
  int const free_before = next_descriptor();
  forks_fail = true;
  BOOST_CHECK_THROW(container.fork([] { return std::string{}; }), std::system_error);
  forks_fail = false;
  BOOST_TEST(trace.told == "before 1\nfailed " + std::to_string(EAGAIN) + " 1\n");
  BOOST_TEST(next_descriptor() == free_before);
  auto worker = container.fork([] { return std::string{}; });
  BOOST_TEST(worker.process.slot.value_or(0) == 1);
  container.reap(worker);
}

BOOST_AUTO_TEST_CASE(a_request_is_not_copied) {
  static_assert(!std::is_copy_constructible_v<testing::TestRequest> && !std::is_copy_assignable_v<testing::TestRequest>);
  testing::TestRequest request{"GET", "/?a=b"};
  request.with("X-One", "1").with("X-Two", "2");
  BOOST_TEST(Request{request}.header("x-two") == "2");
}

BOOST_AUTO_TEST_SUITE_END()
