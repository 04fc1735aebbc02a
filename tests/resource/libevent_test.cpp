// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

import forksafe;
import forksafe.resource.libevent;
import forksafe.standalone;
import worker;

using namespace forksafe;
using worker::Turn;
using worker::Worker;

namespace {

struct Fixture {
  using App = ForkSafeApp<StandalonePolicy, LibeventBase>;
  App& app = *new App{"libevent"};
  LibeventBase& resource = *app.registry().find<LibeventBase>();
  event_base* const base = resource.get().base();
};

/// An event of the base, which is counted in `count`.
struct Counted {
  int count = 0;
  event* handle;

  Counted(event_base* base, evutil_socket_t descriptor, short what) {
    handle = event_new(
        base, descriptor, what,
        [](evutil_socket_t number, short happened, void* self) {
          char byte;
          if ((happened & EV_READ) != 0 && ::read(number, &byte, 1) != 1) return;
          ++static_cast<Counted*>(self)->count;
        },
        this);
  }
  Counted(Counted const&) = delete;
  Counted& operator=(Counted const&) = delete;
  ~Counted() { event_free(handle); }
  void add(timeval const* timeout = nullptr) { event_add(handle, timeout); }
};

/// Runs the base until the counter is not 0, or the time is over. Returns the counter.
int run_until(event_base* base, int const& counter, int milliseconds = 2000) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds{milliseconds};
  timeval const tick{0, 2000};
  while (counter == 0 && std::chrono::steady_clock::now() < end) {
    event_base_loopexit(base, &tick);
    event_base_dispatch(base);
  }
  return counter;
}
constexpr int shortly = 50;

int timer_fires(event_base* base) {
  Counted timer{base, -1, EV_TIMEOUT};
  timeval const soon{0, 1000};
  timer.add(&soon);
  return run_until(base, timer.count);
}

struct Sockets {
  int ends[2];
  Sockets() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) throw std::runtime_error{"no sockets"};
  }
  void write() const { static_cast<void>(::write(ends[1], "x", 1)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(libevent, Fixture)

BOOST_AUTO_TEST_CASE(the_base_is_one_that_forks_hurt) { BOOST_TEST(event_base_get_method(base) == std::string_view{"epoll"}); }

BOOST_AUTO_TEST_CASE(unprotected_a_child_that_deletes_an_event_blinds_its_parent) {
  Sockets const sockets;
  Counted reading{base, sockets.ends[0], EV_READ | EV_PERSIST};
  reading.add();
  Worker child{[&](Turn) { return std::to_string(event_del(reading.handle)); }};
  BOOST_TEST(child.result() == "0");
  sockets.write();
  BOOST_TEST(run_until(base, reading.count, shortly) == 0);
}

BOOST_AUTO_TEST_CASE(unprotected_a_parent_hears_the_signals_of_its_child) {
  Counted signal{base, SIGUSR1, EV_SIGNAL | EV_PERSIST};
  signal.add();
  Worker child{[&](Turn) {
    std::raise(SIGUSR1);
    return std::to_string(signal.count);
  }};
  BOOST_TEST(child.result() == "0");
  BOOST_TEST(run_until(base, signal.count) == 1);
}

BOOST_AUTO_TEST_CASE(what_a_child_deletes_its_parent_still_hears_of) {
  Sockets const sockets;
  Counted reading{base, sockets.ends[0], EV_READ | EV_PERSIST};
  reading.add();
  auto const remove = [&](Turn) {
    event_base* const own = resource.get().base();
    event_del(reading.handle);
    return std::to_string(timer_fires(own));
  };
  Worker announced{app, remove};
  BOOST_TEST(announced.result() == "1");
  BOOST_TEST(Worker{remove}.result() == "1");
  sockets.write();
  BOOST_TEST(run_until(base, reading.count) == 1);
}

BOOST_AUTO_TEST_CASE(timers_fire_on_both_sides) {
  Counted timer{base, -1, EV_TIMEOUT};
  timeval const soon{0, 20'000};
  timer.add(&soon);
  Worker child{app, [&](Turn) { return std::to_string(run_until(base, timer.count)); }};
  BOOST_TEST(child.result() == "1");
  BOOST_TEST(run_until(base, timer.count) == 1);
}

// The scenario of the library's own tests: a socket and signals are added before the fork, then the parent reads, and the
// child reads and gets a signal.
BOOST_AUTO_TEST_CASE(events_that_were_added_before_go_on_in_the_child) {
  Sockets const sockets;
  Counted reading{base, sockets.ends[0], EV_READ | EV_PERSIST};
  reading.add();
  Counted signal{base, SIGUSR1, EV_SIGNAL | EV_PERSIST};
  signal.add();
  sockets.write();
  BOOST_TEST(run_until(base, reading.count) == 1);
  reading.count = 0;
  Worker child{app, [&](Turn turn) {
                 // Adds and deletes events again, signals too: the parent must not notice any of it.
                 Counted another{resource.get().base(), SIGUSR2, EV_SIGNAL | EV_PERSIST};
                 another.add();
                 std::raise(SIGUSR2);
                 int const heard = run_until(base, another.count);
                 event_del(another.handle);
                 turn.pass();
                 return std::to_string(heard) + std::to_string(run_until(base, signal.count)) +
                        std::to_string(run_until(base, reading.count));
               }};
  child.turn().take();
  ::kill(child.pid(), SIGUSR1);
  BOOST_TEST(run_until(base, signal.count, shortly) == 0);
  event_del(reading.handle);
  sockets.write();
  child.turn().give();
  BOOST_TEST(child.result() == "111");
  std::raise(SIGUSR1);
  BOOST_TEST(run_until(base, signal.count) == 1);
}

BOOST_AUTO_TEST_CASE(buffered_events_that_were_made_before_go_on_in_the_child) {
  Sockets const sockets;
  bufferevent* const buffered = bufferevent_socket_new(base, sockets.ends[0], 0);
  int lines = 0;
  bufferevent_setcb(
      buffered,
      [](bufferevent* events, void* count) {
        evbuffer_drain(bufferevent_get_input(events), 1);
        bufferevent_write(events, "y", 1);
        ++*static_cast<int*>(count);
      },
      nullptr, nullptr, &lines);
  bufferevent_enable(buffered, EV_READ | EV_WRITE);
  Worker child{app, [&](Turn turn) {
                 turn.pass();
                 int const heard = run_until(base, lines);
                 static_cast<void>(timer_fires(base));
                 return std::to_string(heard);
               }};
  child.turn().take();
  bufferevent_disable(buffered, EV_READ | EV_WRITE);
  sockets.write();
  BOOST_TEST(run_until(base, lines, shortly) == 0);
  child.turn().give();
  BOOST_TEST(child.result() == "1");
  char answer = 0;
  BOOST_TEST(::read(sockets.ends[1], &answer, 1) == 1);
  BOOST_TEST(answer == 'y');
  bufferevent_free(buffered);
}

BOOST_AUTO_TEST_CASE(an_unannounced_child_hears_its_own_signals) {
  Counted signal{base, SIGUSR1, EV_SIGNAL | EV_PERSIST};
  signal.add();
  Worker child{[&](Turn turn) {
    event_base* const own = resource.get().base();
    std::raise(SIGUSR1);
    turn.pass();
    return std::to_string(run_until(own, signal.count));
  }};
  child.turn().take();
  BOOST_TEST(run_until(base, signal.count, shortly) == 0);
  child.turn().give();
  BOOST_TEST(child.result() == "1");
}

BOOST_AUTO_TEST_SUITE_END()
