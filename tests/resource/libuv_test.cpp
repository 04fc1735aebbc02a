// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <uv.h>
#include <vector>

import forks;
import forksafe;
import forksafe.resource.libuv;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace {

using namespace std::chrono_literals;

struct FreshTraits : LibuvTraits {
  static uv_loop_t* make() {
    auto* const loop = new uv_loop_t;
    if (uv_loop_init(loop) != 0) throw std::runtime_error{"no loop"};
    return loop;
  }
  FreshTraits() : LibuvTraits(make()) {}
};
using FreshLoop = NotifyChildOnly<FreshTraits>;

template <class Loop>
struct Fixture {
  using App = ForkSafeApp<StandalonePolicy, Loop>;
  App& app = *new App{"libuv"};
  Loop& resource = *app.registry().template find<Loop>();
};
using Fresh = Fixture<FreshLoop>;

/// An object to which a loop may still refer. It lives as long as the loop, which is never destroyed.
template <class Object, class... Arguments>
Object& keep(Arguments... arguments) {
  static auto& kept = *new std::vector<Object*>;
  return *kept.emplace_back(new Object(arguments...));
}

/// Runs the loop until the counter is not 0, or the time is over. Returns the counter.
int run_until(uv_loop_t* loop, int& counter, std::chrono::milliseconds time = 2s) {
  auto const end = std::chrono::steady_clock::now() + time;
  while (uv_run(loop, UV_RUN_NOWAIT), counter == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
  return counter;
}
constexpr auto shortly = 50ms;

template <class Handle>
void count(Handle* handle) {
  ++*static_cast<int*>(handle->data);
}

/// Counts the bytes that are read from a pair of sockets; `write` makes it readable.
struct Pair {
  int ends[2];
  uv_poll_t handle;
  int count = 0;

  explicit Pair(uv_loop_t* loop) {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error{"no sockets"};
    uv_poll_init(loop, &handle, ends[0]);
    handle.data = this;
  }
  void start() {
    uv_poll_start(&handle, UV_READABLE, [](uv_poll_t* handle, int, int) {
      auto& self = *static_cast<Pair*>(handle->data);
      char byte;
      self.count += static_cast<int>(::read(self.ends[0], &byte, 1));
    });
  }
  void write() { static_cast<void>(::write(ends[1], "x", 1)); }
};

/// Counts the signals that reach the loop.
struct Signal {
  uv_signal_t handle;
  int count = 0;

  explicit Signal(uv_loop_t* loop) {
    uv_signal_init(loop, &handle);
    handle.data = &count;
    uv_signal_start(&handle, [](uv_signal_t* handle, int) { ::count(handle); }, SIGUSR1);
  }
};

int timer_fires(uv_loop_t* loop) {
  auto& timer = keep<uv_timer_t>();
  int count = 0;
  uv_timer_init(loop, &timer);
  timer.data = &count;
  uv_timer_start(&timer, ::count<uv_timer_t>, 1, 0);
  return run_until(loop, count);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(libuv)

BOOST_FIXTURE_TEST_CASE(unprotected_a_child_that_stops_watching_blinds_its_parent, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto& pair = keep<Pair>(loop);
  pair.start();
  uv_run(loop, UV_RUN_NOWAIT);
  Worker child{[&](Turn) {
    uv_poll_stop(&pair.handle);
    return "stopped";
  }};
  BOOST_TEST(child.result() == "stopped");
  pair.write();
  BOOST_TEST(run_until(loop, pair.count, shortly) == 0);
}

BOOST_FIXTURE_TEST_CASE(unprotected_a_parent_hears_the_signals_of_its_child, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto& signal = keep<Signal>(loop);
  Worker child{[&](Turn) {
    std::raise(SIGUSR1);
    return std::to_string(signal.count);
  }};
  BOOST_TEST(child.result() == "0");
  BOOST_TEST(run_until(loop, signal.count) == 1);
  uv_signal_stop(&signal.handle);
}

BOOST_FIXTURE_TEST_CASE(what_a_child_stops_watching_its_parent_still_hears_of, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto& pair = keep<Pair>(loop);
  pair.start();
  uv_run(loop, UV_RUN_NOWAIT);
  auto const stop = [&](Turn) {
    uv_loop_t* const own = resource.get().loop();
    uv_poll_stop(&pair.handle);
    return std::to_string(timer_fires(own));
  };
  Worker announced{app, stop};
  BOOST_TEST(announced.result() == "1");
  BOOST_TEST(Worker{stop}.result() == "1");
  pair.write();
  BOOST_TEST(run_until(loop, pair.count) == 1);
}

BOOST_FIXTURE_TEST_CASE(timers_fire_on_both_sides, Fixture<LibuvLoop>) {
  BOOST_TEST(timer_fires(uv_default_loop()) == 1);
  Worker child{app, [&](Turn) { return std::to_string(timer_fires(uv_default_loop())); }};
  BOOST_TEST(child.result() == "1");
  BOOST_TEST(timer_fires(resource.get().loop()) == 1);
}

BOOST_FIXTURE_TEST_CASE(a_socket_that_was_made_before_is_watched_in_the_child, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  BOOST_TEST(timer_fires(loop) == 1);
  auto& pair = keep<Pair>(loop);
  Worker child{app, [&](Turn turn) {
                 pair.start();
                 turn.pass();
                 return std::to_string(run_until(loop, pair.count));
               }};
  child.turn().take();
  pair.write();
  child.turn().give();
  BOOST_TEST(child.result() == "1");
  BOOST_TEST(run_until(loop, pair.count, shortly) == 0);
}

BOOST_FIXTURE_TEST_CASE(a_socket_that_was_watched_before_is_watched_in_the_child, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto& pair = keep<Pair>(loop);
  pair.start();
  uv_run(loop, UV_RUN_NOWAIT);
  Worker child{app, [&](Turn turn) {
                 turn.pass();
                 return std::to_string(run_until(loop, pair.count));
               }};
  child.turn().take();
  uv_poll_stop(&pair.handle);
  pair.write();
  BOOST_TEST(run_until(loop, pair.count, shortly) == 0);
  child.turn().give();
  BOOST_TEST(child.result() == "1");
}

BOOST_FIXTURE_TEST_CASE(a_signal_comes_to_the_process_it_was_sent_to, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto& signal = keep<Signal>(loop);
  Worker child{app, [&](Turn turn) {
                 turn.pass();
                 return std::to_string(run_until(loop, signal.count));
               }};
  child.turn().take();
  ::kill(child.pid(), SIGUSR1);
  BOOST_TEST(run_until(loop, signal.count, shortly) == 0);
  child.turn().give();
  BOOST_TEST(child.result() == "1");
  std::raise(SIGUSR1);
  BOOST_TEST(run_until(loop, signal.count) == 1);
  uv_signal_stop(&signal.handle);
}

BOOST_FIXTURE_TEST_CASE(a_signal_to_a_child_that_runs_no_loop_comes_to_nobody_else, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto& signal = keep<Signal>(loop);
  Worker child{app, [&](Turn turn) {
                 turn.pass();
                 return std::to_string(signal.count);
               }};
  child.turn().take();
  ::kill(child.pid(), SIGUSR1);
  BOOST_TEST(timer_fires(loop) == 1);
  BOOST_TEST(run_until(loop, signal.count, shortly) == 0);
  child.turn().give();
  BOOST_TEST(child.result() == "0");
  uv_signal_stop(&signal.handle);
}

BOOST_FIXTURE_TEST_CASE(watches_of_files_go_on_on_both_sides, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  char file[] = "/tmp/forksafe-libuv-XXXXXX";
  ::close(::mkstemp(file));
  auto& watch = keep<uv_fs_event_t>();
  int changes = 0;
  uv_fs_event_init(loop, &watch);
  watch.data = &changes;
  uv_fs_event_start(&watch, [](uv_fs_event_t* handle, char const*, int, int) { count(handle); }, file, 0);
  Worker child{app, [&](Turn turn) {
                 turn.pass();
                 return run_until(loop, changes) > 0 ? "heard" : "deaf";
               }};
  child.turn().take();
  std::ofstream{file} << "changed";
  BOOST_TEST(run_until(loop, changes) > 0);
  child.turn().give();
  BOOST_TEST(child.result() == "heard");
  uv_fs_event_stop(&watch);
  std::filesystem::remove(file);
}

BOOST_FIXTURE_TEST_CASE(the_thread_pool_works_in_the_child, Fresh) {
  uv_loop_t* const loop = resource.get().loop();
  auto const works = [&] {
    auto& request = keep<uv_work_t>();
    int done = 0;
    request.data = &done;
    uv_queue_work(loop, &request, [](uv_work_t*) {}, [](uv_work_t* work, int) { count(work); });
    return run_until(loop, done);
  };
  BOOST_TEST(works() == 1);
  Worker child{app, [&](Turn) { return std::to_string(works()); }};
  BOOST_TEST(child.result() == "1");
  BOOST_TEST(works() == 1);
}

BOOST_FIXTURE_TEST_CASE(the_audit_names_the_owner, Fresh) {
  static_cast<void>(resource.get().loop());
  std::string const found = found_in_child();
  BOOST_TEST(found.find("epoll instance, descriptor ") != std::string::npos, found);
  BOOST_TEST(found.find(": of NotifyChildOnly<(anonymous namespace)::FreshTraits>") != std::string::npos, found);
}

BOOST_AUTO_TEST_SUITE_END()
