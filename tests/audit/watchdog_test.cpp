// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include "child.hpp"
import forksafe;
import forksafe.audit;
import forksafe.standalone;

namespace {

std::mutex& lock_of_cache = *new std::mutex;

struct Cache {
  static constexpr std::string_view name = "cache";
  static constexpr std::chrono::milliseconds deadline{150};

  void operator()(forksafe::ApplicationPostFork const&) { lock_of_cache.lock(); }
  void operator()(forksafe::ApplicationServerReload const&) { std::this_thread::sleep_for(2 * deadline); }
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::OnFailure<forksafe::Failure::closed>, Cache>;

template <class Work>
void start_thread(std::string const& name, Work work) {
  static std::binary_semaphore ready{0};
  std::thread([=] {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    work();
    ready.release();
    ::pause();
  }).detach();
  ready.acquire();
}

void hang_in_worker(App& app) {
  app.emit<"pre_fork">(forksafe::ApplicationPreFork{});
  static_cast<void>(in_child([&]() -> std::string {
    forksafe::ApplicationPostFork event;
    event.process.role = forksafe::Role::worker;
    event.forked = true;
    app.emit<"post_fork">(event);
    return {};
  }));
}

/// Returns the log of a hook that waits for a lock of one of the master's threads, with so many further threads beside it.
std::string logged(char const* audit, void (*hang)(App&), int helpers = 0, std::string (*name)(int) = nullptr) {
  return in_audited_child([=]() -> std::string {
           int ends[2];
           if (::pipe(ends) != 0) return "no pipe";
           ::dup2(ends[1], STDERR_FILENO);
           ::close(ends[1]);
           ::setenv("FORKSAFE_AUDIT", audit, 1);
           auto& app = *new App{"shop"};
           start_thread("locker", [] { lock_of_cache.lock(); });
           for (int number = 0; number != helpers; ++number) start_thread(name(number), [] {});
           hang(app);
           ::close(STDERR_FILENO);
           return read_all(ends[0]);
         })
      .text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(watchdog)

BOOST_AUTO_TEST_CASE(threads_that_the_fork_lost_are_named) {
  std::string const text = logged("1", hang_in_worker, 2, [](int) { return std::string{"helper"}; });
  std::string_view const line =
      "forksafe: subscriber cache failed on ApplicationPostFork (hook post_fork, worker): outlasted its deadline; "
      "its fork lost the threads 'locker', 2 of 'helper', and a lock that one of them held stays held, pid ";
  BOOST_TEST(text.find(line) != text.npos, text);
}

BOOST_AUTO_TEST_CASE(many_are_cut_off) {
  std::string const text = logged("1", hang_in_worker, 60, [](int number) { return "helper " + std::to_string(number); });
  BOOST_TEST(text.find("'helper 7'") != text.npos, text);
  BOOST_TEST(text.find("'helper 50'") == text.npos, text);
  BOOST_TEST(text.find(", and a lock that one of them held stays held, pid ") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(nothing_is_known_without_an_inventory) {
  std::string const text = logged("0", hang_in_worker);
  BOOST_TEST(text.find("(hook post_fork, worker): outlasted its deadline, pid ") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(the_master_has_lost_none) {
  std::string const text = logged("1", [](App& app) {
    app.emit<"pre_fork">(forksafe::ApplicationPreFork{});
    app.emit<"server_reload">(forksafe::ApplicationServerReload{});
  });
  BOOST_TEST(text.find("(hook server_reload, unknown): outlasted its deadline, pid ") != text.npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
