// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <tuple>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.asio;
import forksafe.resource.thread_pool;
import forksafe.standalone;

using namespace forksafe;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

namespace {

/// A context that gets no notice of forks.
struct Unprotected {
  boost::asio::io_context context;

  template <class Work>
  std::string in_child(Work work) {
    return ::in_child(work).text;
  }
};

struct Protected {
  using Kind = NotifyBothSides<IoContext>;
  ForkSafeApp<StandalonePolicy, Kind>& app = *new ForkSafeApp<StandalonePolicy, Kind>{"asio"};
  boost::asio::io_context& context = app.registry().find<Kind>()->get().context();

  template <class Work>
  std::string in_child(Work work) {
    return in_worker(app, work).text;
  }
};

/// No hook announces the fork, and no handler runs: the child asks for its context before it uses it.
struct Unannounced : Protected {
  template <class Work>
  std::string in_child(Work work) {
    return ::in_child([&] { return static_cast<void>(app.registry().find<Kind>()->get()), work(); }, ::_Fork).text;
  }
};
using Told = std::tuple<Protected, Unannounced>;

/// Runs the context until `done`, or for `patience`: long enough for an event that must come, and to see that none comes.
bool run_until(boost::asio::io_context& context, bool const& done, std::chrono::seconds patience) {
  context.restart();
  auto const end = std::chrono::steady_clock::now() + patience;
  while (!done && std::chrono::steady_clock::now() < end) context.run_one_until(end);
  return done;
}

constexpr std::chrono::seconds long_enough{20};
constexpr std::chrono::seconds never_comes{1};

struct Outcome {
  std::string child;
  bool parent;
};

/// The child postpones its copy of the parent's timer; the parent waits for its timer.
template <class Side>
Outcome timers(std::chrono::seconds patience) {
  Side the;
  bool fired = false;
  boost::asio::steady_timer timer{the.context, std::chrono::milliseconds{300}};
  timer.async_wait([&](error_code error) { fired = !error; });
  the.context.poll();
  auto const child = the.in_child([&] {
    timer.expires_after(std::chrono::hours{1});
    timer.async_wait([](error_code) {});
    the.context.restart();
    the.context.poll();
    bool own = false;
    boost::asio::steady_timer soon{the.context, std::chrono::milliseconds{10}};
    soon.async_wait([&](error_code error) { own = !error; });
    bool const came = run_until(the.context, own, long_enough);
    soon.cancel();
    return std::string{came ? "fired" : "lost"};
  });
  return {child, run_until(the.context, fired, patience)};
}

/// The child releases a socket from which the parent reads, and uses a new one.
template <class Side>
Outcome sockets(std::chrono::seconds patience) {
  Side the;
  stream_protocol::socket near{the.context}, far{the.context};
  boost::asio::local::connect_pair(near, far);
  char letter = 0;
  bool read = false;
  near.async_read_some(boost::asio::buffer(&letter, 1), [&](error_code error, std::size_t) { read = !error; });
  the.context.poll();
  auto const child = the.in_child([&] {
    static_cast<void>(near.release());
    stream_protocol::socket here{the.context}, there{the.context};
    boost::asio::local::connect_pair(here, there);
    char own = 0;
    bool came = false;
    here.async_read_some(boost::asio::buffer(&own, 1), [&](error_code error, std::size_t) { came = !error; });
    boost::asio::write(there, boost::asio::buffer("c", 1));
    return std::string{run_until(the.context, came, long_enough) ? "read" : "deaf"};
  });
  boost::asio::write(far, boost::asio::buffer("p", 1));
  return {child, run_until(the.context, read, patience)};
}

/// The child gets a signal that is sent to it alone, and waits for it if asked.
template <class Side>
Outcome signals(bool child_waits) {
  Side the;
  bool heard = false;
  boost::asio::signal_set set{the.context, SIGUSR1};
  set.async_wait([&](error_code error, int) { heard = !error; });
  the.context.poll();
  auto const child = the.in_child([&] {
    std::raise(SIGUSR1);
    return std::string{child_waits && run_until(the.context, heard, long_enough) ? "heard" : "deaf"};
  });
  return {child, run_until(the.context, heard, never_comes)};
}

/// Both sides look up a name, for which Asio starts a thread.
template <class Side>
Outcome resolvers(std::chrono::seconds patience) {
  Side the;
  boost::asio::ip::tcp::resolver resolver{the.context};
  auto const look_up = [&](std::chrono::seconds within) {
    bool found = false;
    resolver.async_resolve("127.0.0.1", "80", [&](error_code error, auto const&) { found = !error; });
    return run_until(the.context, found, within);
  };
  if (!look_up(long_enough)) return {"no resolver", false};
  auto const child = the.in_child([&] { return std::string{look_up(patience) ? "found" : "lost"}; });
  return {child, look_up(long_enough)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(asio)

BOOST_AUTO_TEST_CASE(unprotected_the_child_s_timer_stops_the_parent_s) { BOOST_TEST(!timers<Unprotected>(never_comes).parent); }

BOOST_AUTO_TEST_CASE_TEMPLATE(timers_fire_on_both_sides, Side, Told) {
  auto const outcome = timers<Side>(long_enough);
  BOOST_TEST(outcome.child == "fired");
  BOOST_TEST(outcome.parent);
}

BOOST_AUTO_TEST_CASE(unprotected_the_child_takes_the_parent_s_socket_out_of_its_reactor) {
  BOOST_TEST(!sockets<Unprotected>(never_comes).parent);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sockets_are_read_on_both_sides, Side, Told) {
  auto const outcome = sockets<Side>(long_enough);
  BOOST_TEST(outcome.child == "read");
  BOOST_TEST(outcome.parent);
}

BOOST_AUTO_TEST_CASE(unprotected_the_parent_hears_the_child_s_signal) { BOOST_TEST(signals<Unprotected>(false).parent); }

BOOST_AUTO_TEST_CASE_TEMPLATE(signals_are_heard_by_the_process_that_gets_them, Side, Told) {
  BOOST_TEST(!signals<Side>(false).parent);
  auto const outcome = signals<Side>(true);
  BOOST_TEST(outcome.child == "heard");
  BOOST_TEST(!outcome.parent);
}

BOOST_AUTO_TEST_CASE(several_contexts_hear_signals_behind_an_unannounced_fork) {
  Protected one, other;
  bool heard = false, heard_too = false;
  boost::asio::signal_set set{one.context, SIGUSR1}, too{other.context, SIGUSR1};
  set.async_wait([&](error_code error, int) { heard = !error; });
  too.async_wait([&](error_code error, int) { heard_too = !error; });
  auto const child = ::in_child(
      [&] {
        // The lowest free number is used first.
        ::close(STDIN_FILENO);
        for (auto* const side : {&one, &other}) static_cast<void>(side->app.registry().find<Protected::Kind>()->get());
        std::raise(SIGUSR1);
        return std::to_string(run_until(one.context, heard, long_enough)) +
               std::to_string(run_until(other.context, heard_too, long_enough));
      },
      ::_Fork);
  BOOST_TEST(child.text == "11");
  BOOST_TEST(!run_until(one.context, heard, never_comes));
  BOOST_TEST(!run_until(other.context, heard_too, never_comes));
}

BOOST_AUTO_TEST_CASE(unprotected_the_child_s_resolver_has_no_thread) {
  BOOST_TEST(resolvers<Unprotected>(never_comes).child == "lost");
}

BOOST_AUTO_TEST_CASE(behind_an_unannounced_fork_a_pool_looks_up_what_a_resolver_can_t) {
  Unannounced the;
  BOOST_TEST(resolvers<Unannounced>(never_comes).child == "lost");
  using Pool = StopRestart<ThreadPool>;
  auto& pool = *(new ForkSafeApp<StandalonePolicy, Pool>{"pool"})->registry().find<Pool>();
  boost::asio::ip::tcp::resolver resolver{the.context};
  auto const look_up = [&] {
    bool found = false;
    auto work = boost::asio::make_work_guard(the.context);
    pool.get().post([&] {
      error_code error;
      auto const addresses = resolver.resolve("127.0.0.1", "80", error);
      boost::asio::post(the.context, [&, empty = addresses.empty()] { found = !empty; });
    });
    return std::string{run_until(the.context, found, long_enough) ? "found" : "lost"};
  };
  BOOST_TEST(look_up() == "found");
  BOOST_TEST(the.in_child(look_up) == "found");
  BOOST_TEST(look_up() == "found");
  BOOST_TEST(pool.stop());
}

BOOST_AUTO_TEST_CASE(resolvers_answer_on_both_sides) {
  auto const outcome = resolvers<Protected>(long_enough);
  BOOST_TEST(outcome.child == "found");
  BOOST_TEST(outcome.parent);
}

BOOST_AUTO_TEST_SUITE_END()
