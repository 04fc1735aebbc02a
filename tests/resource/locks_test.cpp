// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <gnu/libc-version.h>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.locks;
import forksafe.standalone;

using namespace forksafe;

namespace {

using Mutexes = std::tuple<std::mutex, std::timed_mutex, std::recursive_mutex, std::recursive_timed_mutex, std::shared_mutex,
                           std::shared_timed_mutex>;
using SharedMutexes = std::tuple<std::shared_mutex, std::shared_timed_mutex>;
using Conditions = std::tuple<std::condition_variable, std::condition_variable_any>;

template <class Mutex>
Mutex mutex_of{};

template <class Mutex>
constexpr bool is_recursive = std::is_same_v<Mutex, std::recursive_mutex> || std::is_same_v<Mutex, std::recursive_timed_mutex>;
template <class Mutex>
constexpr bool is_shared = std::is_same_v<Mutex, std::shared_mutex> || std::is_same_v<Mutex, std::shared_timed_mutex>;

/// Holds a mutex in another thread, for as long as the object lives.
template <class Mutex, class Guard = std::lock_guard<Mutex>>
class Held {
 public:
  explicit Held(Mutex& mutex)
      : thread_([&] {
          Guard const guard{mutex};
          holds_ = true;
          while (!over_) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }) {
    while (!holds_) std::this_thread::yield();
  }
  ~Held() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> holds_ = false;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

/// Whether the mutex works: exclusively, again, and shared if it can be.
template <class Mutex>
std::string serves(Mutex& mutex) {
  for (int round = 0; round != 2; ++round) {
    if (!mutex.try_lock()) return "no";
    mutex.unlock();
    if constexpr (is_shared<Mutex>) {
      if (!mutex.try_lock_shared()) return "not shared";
      mutex.unlock_shared();
    }
  }
  std::thread{[&] { mutex.lock(), mutex.unlock(); }}.join();
  return "yes";
}

/// Limits the wait of a child that waits without end. A child that is merely slow shows no damage, and fails no test.
void end_soon() { ::ualarm(500'000, 0); }

/// Returns whether the mutex, which another thread holds, works in a child that no hook has announced.
template <class Lock, class Guard, class Mutex>
std::string served_behind_an_unannounced_fork(Mutex& mutex) {
  using Kind = HoldLock<Lock>;
  auto& app = *new ForkSafeApp<StandalonePolicy, Kind>{"locks"};
  Held<Mutex, Guard> held{mutex};
  auto const result = in_child(
      [&] {
        end_soon();
        static_cast<void>(app.registry().template find<Kind>()->get());
        return serves(mutex);
      },
      ::_Fork);
  return result.text;
}

/// A condition variable with a waiter in another thread, for as long as the object lives.
template <class Condition>
struct Waited {
  Waited()
      : thread([this] {
          std::unique_lock lock{mutex};
          waits = true;
          condition.wait(lock, [this] { return over; });
        }) {
    while (!waits) std::this_thread::yield();
    // A thread that gets the mutex after that knows that the waiter is in wait().
    std::lock_guard const guard{mutex};
  }
  ~Waited() {
    {
      std::lock_guard const guard{mutex};
      over = true;
    }
    condition.notify_all();
    thread.join();
  }
  std::mutex mutex;
  Condition condition;
  bool over = false;
  std::atomic<bool> waits = false;
  std::thread thread;
};

template <class Condition>
Waited<Condition>* waited = nullptr;

/// Makes rounds of waiting and notifying between two threads of this process.
template <class Condition>
std::string ping_pong(std::mutex& mutex, Condition& condition) {
  int turn = 0;
  auto const play = [&](int self) {
    for (int round = 0; round != 100; ++round) {
      std::unique_lock lock{mutex};
      condition.wait(lock, [&] { return turn % 2 == self; });
      ++turn;
      lock.unlock();
      // notify_all, because in the parent the waiter still waits.
      condition.notify_all();
    }
  };
  std::thread other{play, 1};
  play(0);
  other.join();
  return "played " + std::to_string(turn);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(locks)

std::mutex cache_lock;

/// This is the first case: after each other one, the lock that it tests is gone.
BOOST_AUTO_TEST_CASE(the_audit_names_the_lock) {
  static_cast<void>(*new ForkSafeApp<StandalonePolicy, HoldLock<LockAt<&cache_lock>>>{"locks"});
  Held<std::mutex> const held{cache_lock};
  std::string const found = found_in_child();
  BOOST_TEST(found.find("cache_lock>': held by thread ") != std::string::npos, found);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(unprotected_a_lock_of_another_thread_hangs_the_child, Mutex, Mutexes) {
  Mutex& mutex = mutex_of<Mutex>;
  Held<Mutex> held{mutex};
  auto const result = in_child([&] {
    end_soon();
    mutex.lock();
    return std::string{"locked"};
  });
  BOOST_TEST(result.signal() == SIGALRM);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(unprotected_a_reader_in_another_thread_hangs_the_child, Mutex, SharedMutexes) {
  Mutex& mutex = mutex_of<Mutex>;
  Held<Mutex, std::shared_lock<Mutex>> held{mutex};
  auto const result = in_child([&] {
    end_soon();
    mutex.lock();
    return std::string{"locked"};
  });
  BOOST_TEST(result.signal() == SIGALRM);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_lock_with_a_reader_serves_behind_an_unannounced_fork, Mutex, SharedMutexes) {
  using Lock = LockAt<&mutex_of<Mutex>>;
  std::string const served = served_behind_an_unannounced_fork<Lock, std::shared_lock<Mutex>>(mutex_of<Mutex>);
  BOOST_TEST(served == "yes");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(unprotected_a_child_can_t_unlock_what_its_own_thread_held, Mutex, Mutexes) {
  Mutex& mutex = mutex_of<Mutex>;
  mutex.lock();
  auto const result = in_child([&] {
    end_soon();
    mutex.unlock();
    return serves(mutex);
  });
  mutex.unlock();
  // The plain kinds have no owner. LockAt helps them by keeping other threads out.
  BOOST_TEST(result.text == (is_recursive<Mutex> || is_shared<Mutex> ? "no" : "yes"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_held_lock_serves_on_both_sides, Mutex, Mutexes) {
  auto& app = *new ForkSafeApp<StandalonePolicy, HoldLock<LockAt<&mutex_of<Mutex>>>>{"locks"};
  std::atomic<bool> over = false;
  std::thread storm{[&] {
    while (!over) {
      {
        std::lock_guard const guard{mutex_of<Mutex>};
        std::this_thread::sleep_for(std::chrono::microseconds{50});
      }
      std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
  }};
  for (int fork = 0; fork != 10; ++fork) BOOST_TEST(in_worker(app, [] { return serves(mutex_of<Mutex>); }).text == "yes");
  over = true;
  storm.join();
  BOOST_TEST(serves(mutex_of<Mutex>) == "yes");
  BOOST_TEST(failures_of(app) == "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_lock_serves_behind_an_unannounced_fork, Mutex, Mutexes) {
  using Lock = LockAt<[]() -> auto& { return mutex_of<Mutex>; }>;
  std::string const served = served_behind_an_unannounced_fork<Lock, std::unique_lock<Mutex>>(mutex_of<Mutex>);
  BOOST_TEST(served == "yes");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(unprotected_a_condition_with_a_waiter_can_t_be_destroyed_in_the_child, Condition, Conditions) {
  Waited<Condition> the;
  auto const result = in_child([&] {
    end_soon();
    the.condition.~Condition();
    return std::string{"destroyed"};
  });
  BOOST_TEST(result.text == "");
  BOOST_TEST(result.signal() == SIGALRM);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(unprotected_a_condition_with_a_waiter_soon_hangs_the_child, Condition, Conditions) {
  Waited<Condition> the;
  auto const result = in_child([&] {
    end_soon();
    return ping_pong(the.mutex, the.condition);
  });
  // glibc 2.41 has new condition variables, which repair its bug 25847, so that this does not hang there.
  bool const hangs = ::strverscmp(::gnu_get_libc_version(), "2.41") < 0;
  BOOST_TEST(result.text == (hangs ? "" : "played 200"));
  BOOST_TEST(result.signal() == (hangs ? SIGALRM : 0));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_condition_made_anew_serves_on_both_sides, Condition, Conditions) {
  auto& the = *(waited<Condition> = new Waited<Condition>);
  using Mutex = LockAt<[]() -> auto& { return waited<Condition>->mutex; }>;
  using Kind = HoldLock<LocksTogether<Mutex, ConditionAt<[]() -> auto& { return waited<Condition>->condition; }>>>;
  auto& app = *new ForkSafeApp<StandalonePolicy, Kind>{"locks"};
  auto const result = in_worker(app, [&] {
    std::string const text = ping_pong(the.mutex, the.condition);
    the.condition.~Condition();
    new (&the.condition) Condition;
    return text;
  });
  BOOST_TEST(result.text == "played 200");
  BOOST_TEST(ping_pong(the.mutex, the.condition) == "played 200");
  delete waited<Condition>;
  BOOST_TEST(failures_of(app) == "");
}

BOOST_AUTO_TEST_SUITE_END()
