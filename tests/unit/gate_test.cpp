// SPDX-License-Identifier: MIT
#include "child.hpp"
#include "log.hpp"
#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

import forksafe;
import toy;

using namespace forksafe;
using namespace std::chrono_literals;
using toy::worker;

namespace {

using Clock = std::chrono::steady_clock;

/// A container that calls handlers from several threads.
struct ThreadedPolicy : toy::ToyPolicy {
  static constexpr HandlerCalls handler_calls = HandlerCalls::concurrent;
};

class Asked final : public RequestSource {
 public:
  std::string_view method() override { return "GET"; }
  std::string_view target() override { return "/"; }
  std::string_view header(std::string_view) override { return {}; }
  std::span<HeaderView const> headers() override { return {}; }
  std::string_view body() override { return {}; }
  std::string_view peer() override { return {}; }
};

std::atomic<int> inside{0};
std::atomic<int> met{0};
std::atomic<int> exits{0};
std::function<void()> work;
std::chrono::milliseconds flushing{0};

struct Worker {
  static constexpr bool thread_safe = true;

  Response handle(Request const&) {
    ++inside;
    work();
    --inside;
    return Response::plain(200, "done\n");
  }
  void operator()(ApplicationWorkerExit const&) {
    auto const end = Clock::now() + flushing;
    do {
      met += inside.load();
      std::this_thread::sleep_for(1ms);
    } while (Clock::now() < end);
    ++exits;
  }
};

using App = ForkSafeApp<ThreadedPolicy, Worker>;

App& make(std::function<void()> chosen, std::chrono::milliseconds chosen_flushing = 0ms) {
  inside = met = exits = 0;
  work = std::move(chosen);
  flushing = chosen_flushing;
  return *new App{"gate"};
}

int ask(App& app) {
  Asked source;
  return app.handle(Request{source}).status;
}

void exit_worker(App& app) { app.emit<"exit">(ApplicationWorkerExit{worker()}); }

/// Returns the milliseconds since then.
std::int64_t since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::sleep_for(1ms);
}

App* interrupted = nullptr;

}  // namespace

BOOST_AUTO_TEST_SUITE(gate)

BOOST_AUTO_TEST_CASE(no_handler_of_another_thread_runs_while_the_worker_exits) {
  App& app = make([] { std::this_thread::sleep_for(2ms); }, 50ms);
  auto const begin = Clock::now();
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int number = 0; number != 4; ++number)
    threads.emplace_back([&] {
      int status = 200;
      while (status == 200 && since(begin) < 5'000) {
        status = ask(app);
        if (status == 200) ++served;
        if (status == 503) ++refused;
      }
    });
  wait_until([&] { return served > 20; });
  std::string const log = logged_by([&] { exit_worker(app); });
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(exits == 1);
  BOOST_TEST(met == 0);
  BOOST_TEST(refused == 4);
  BOOST_TEST(log == "");
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_meanwhile_waits_for_the_end) {
  App& app = make([] {}, 100ms);
  std::thread exiting{[&] { exit_worker(app); }};
  int status = 200;
  while (status == 200 && exits == 0) status = ask(app);
  BOOST_TEST(status == 503);
  BOOST_TEST(exits == 1);
  exiting.join();
}

BOOST_AUTO_TEST_CASE(a_handler_that_hangs_bounds_the_wait) {
  std::atomic<bool> hangs{true};
  App& app = make([&] { wait_until([&] { return !hangs; }); });
  std::thread hanging{[&] { ask(app); }};
  wait_until([] { return inside == 1; });
  auto const begin = Clock::now();
  std::string const log = logged_by([&] { exit_worker(app); });
  BOOST_TEST(since(begin) >= 2'000);
  BOOST_TEST(exits == 1);
  BOOST_TEST(log.starts_with("forksafe: ApplicationWorkerExit has waited 2 s for request handlers"));
  BOOST_TEST(log.find("let the server finish its requests before it stops its workers, pid ") != log.npos);
  hangs = false;
  hanging.join();
}

BOOST_AUTO_TEST_CASE(an_event_that_a_signal_raises_in_a_handler_does_not_wait_for_it) {
  App& app = make([] { std::raise(SIGUSR1); });
  interrupted = &app;
  auto const before = std::signal(SIGUSR1, [](int) { exit_worker(*interrupted); });
  auto const begin = Clock::now();
  int status = 0;
  std::string const log = logged_by([&] { status = ask(app); });
  std::signal(SIGUSR1, before);
  BOOST_TEST(since(begin) < 1'000);
  BOOST_TEST(status == 200);
  BOOST_TEST(exits == 1);
  BOOST_TEST(log.starts_with("forksafe: ApplicationWorkerExit interrupts a request handler of its own thread"));
}

BOOST_AUTO_TEST_CASE(a_child_finds_it_open_and_empty) {
  std::atomic<bool> hangs{true};
  App& app = make([&] { wait_until([&] { return !hangs; }); });
  std::thread hanging{[&] { ask(app); }};
  wait_until([] { return inside == 1; });
  auto const in_a_child = [&] {
    return in_child([&] {
             work = [] {};
             int const status = ask(app);
             auto const begin = Clock::now();
             exit_worker(app);
             return std::to_string(status) + (Clock::now() - begin < 1s ? " at once" : " late");
           })
        .text;
  };
  BOOST_TEST(in_a_child() == "200 at once");
  std::thread exiting{[&] { exit_worker(app); }};
  std::this_thread::sleep_for(50ms);
  BOOST_TEST(in_a_child() == "200 at once");
  hangs = false;
  hanging.join();
  exiting.join();
}

BOOST_AUTO_TEST_SUITE_END()
