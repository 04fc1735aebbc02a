// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.thread_pool;
import forksafe.standalone;

using namespace forksafe;

namespace {

std::atomic<int> ran = 0;
std::atomic<bool> gate_open = false;

struct Mailer : ThreadPool {
  static constexpr std::string_view name = "mailer";
  static constexpr std::chrono::milliseconds deadline{400};
  Mailer() : ThreadPool{2} {}
};
using App = ForkSafeApp<StandalonePolicy, StopRestart<Mailer>>;

bool comes_true(auto condition) {
  for (int wait = 0; wait != 20'000 && !condition(); ++wait) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return condition();
}

void wait_for_gate() {
  ++ran;
  while (!gate_open) std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

struct Fixture {
  App& app = *new App{"pool"};
  StopRestart<Mailer>& pool = *app.registry().find<StopRestart<Mailer>>();

  Fixture() {
    ran = 0;
    gate_open = false;
  }
  ~Fixture() { BOOST_TEST(pool.stop()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(thread_pool)

BOOST_AUTO_TEST_CASE(unprotected_posted_work_never_runs_in_the_child) {
  ran = 0;
  boost::asio::thread_pool pool{2};
  boost::asio::post(pool, [] { ++ran; });
  BOOST_TEST(comes_true([] { return ran == 1; }));
  auto const result = in_child([&] {
    boost::asio::post(pool, [] { ++ran; });
    std::this_thread::sleep_for(std::chrono::seconds{1});
    return std::to_string(ran);
  });
  BOOST_TEST(result.text == "1");
  pool.join();
}

BOOST_AUTO_TEST_CASE(unprotected_the_child_never_sees_the_end_of_the_parent_s_work) {
  // Static, so that the leak checker finds it. It is never destroyed, because of what this test shows.
  static auto& pool = *new boost::asio::thread_pool{1};
  ran = 0;
  gate_open = false;
  boost::asio::post(pool, wait_for_gate);
  BOOST_TEST(comes_true([] { return ran == 1; }));
  boost::asio::post(pool, [] { ++ran; });
  auto const joined = [&] {
    ::alarm(2);
    gate_open = true;
    pool.join();
    return std::to_string(ran);
  };
  // fork() notes in the C library that the thread is gone: joining returns, and the work is not done.
  BOOST_TEST(in_child(joined).text == "1");
  // _Fork does not: joining waits without end.
  BOOST_TEST(in_child(joined, ::_Fork).signal() == SIGALRM);
  gate_open = true;
  pool.join();
  BOOST_TEST(ran == 2);
}

BOOST_AUTO_TEST_CASE(posted_work_runs_on_both_sides) {
  Fixture the;
  the.pool.get().post([] { ++ran; });
  BOOST_TEST(comes_true([] { return ran == 1; }));
  auto const result = in_worker(the.app, [&] {
    the.pool.get().post([] { ++ran; });
    return std::to_string(comes_true([] { return ran == 2; }));
  });
  BOOST_TEST(result.text == "1");
  the.pool.get().post([] { ++ran; });
  BOOST_TEST(comes_true([] { return ran == 2; }));
  BOOST_TEST(failures_of(the.app) == "");
}

BOOST_AUTO_TEST_CASE(queued_work_stays_with_the_parent) {
  Fixture the;
  static_cast<void>(the.pool.get());
  before_fork(the.app);
  for (int task = 0; task != 100; ++task) the.pool.traits().post([] { ++ran; });
  BOOST_TEST(ran == 0);
  auto const result = in_child([&] {
    after_fork_in_child(the.app);
    the.pool.get().post([] { ran += 1000; });
    static_cast<void>(comes_true([] { return ran >= 1000; }));
    return std::to_string(the.pool.stop()) + " " + std::to_string(ran);
  });
  BOOST_TEST(result.text == "1 1000");
  after_fork_in_parent(the.app);
  BOOST_TEST(comes_true([] { return ran == 100; }));
}

BOOST_AUTO_TEST_CASE(an_unannounced_fork_gets_threads_of_its_own) {
  Fixture the;
  the.pool.get().post([] { ++ran; });
  BOOST_TEST(comes_true([] { return ran == 1; }));
  auto const result = in_child(
      [&] {
        the.pool.get().post([] { ++ran; });
        return std::to_string(comes_true([] { return ran == 2; }));
      },
      ::_Fork);
  BOOST_TEST(result.text == "1");
}

BOOST_AUTO_TEST_CASE(a_task_that_does_not_end_vetoes_until_it_ends) {
  Fixture the;
  the.pool.get().post(wait_for_gate);
  BOOST_TEST(comes_true([] { return ran == 1; }));
  BOOST_TEST(in_worker(the.app, [] { return "served"; }).exit_status() == StandalonePolicy::replace_status);
  BOOST_TEST(failures_of(the.app) == "mailer: threw: vetoes the fork: its threads did not stop in time; ");
  the.pool.get().post([] { ++ran; });
  BOOST_TEST(comes_true([] { return ran == 2; }));
  gate_open = true;
  BOOST_TEST(in_worker(the.app, [] { return "served"; }).text == "served");
}

BOOST_AUTO_TEST_SUITE_END()
