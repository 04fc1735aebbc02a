// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

import forksafe;
import forksafe.gunicorn;
import forksafe.resource;
import forksafe.standalone;
import forksafe.uwsgi;
import forks;

using namespace forksafe;

namespace {

std::string heard;

void note(std::string_view text) {
  heard += text;
  heard += ' ';
}

struct Session {
  static constexpr std::string_view name = "session";
  using Handle = int;
  int open() { return note("open"), 1; }
  void forget(int&) noexcept { note("forget"); }
  std::string_view in_use(int&) { return note("in_use"), ""; }
};
struct Dead {
  static constexpr std::string_view name = "dead";
  static constexpr InChild in_child = InChild::at_once;
  using Handle = int;
  int open() { return note("make"), 1; }
};
struct Pool {
  static constexpr std::string_view name = "pool";
  void start() { note("start"); }
  bool stop(std::chrono::steady_clock::time_point) { return note("stop"), true; }
  void discard() noexcept { note("discard"); }
};
struct Engine {
  static constexpr std::string_view name = "engine";
  void reseed() { note("reseed"); }
};
struct Lock {
  static constexpr std::string_view name = "lock";
  bool try_lock() { return note("lock"), true; }
  void unlock() { note("unlock"); }
  void reset() noexcept { note("reset"); }
};
struct Library {
  static constexpr std::string_view name = "library";
  void before_fork() { note("before"); }
  void after_fork_in_parent() { note("parent"); }
  void after_fork_in_child() { note("child"); }
};
struct Loop {
  static constexpr std::string_view name = "loop";
  void after_fork_in_child() { note("loop"); }
};
struct Buffers {
  static constexpr std::string_view name = "buffers";
  void before_fork() { note("flush"); }
};
struct Listener {
  static constexpr std::string_view name = "listener";
  std::array<SharedDescriptor, 1> descriptors() { return note("listener"), std::array{SharedDescriptor{0, "accepts for all"}}; }
};
struct Own {
  static constexpr std::string_view name = "own";
  void operator()(ApplicationPreFork const&) { note("own"); }
  void operator()(ApplicationPostFork const&) { note("own"); }
};

using App =
    ForkSafeApp<StandalonePolicy, StopRestart<Pool>, Own, PreForkOnly<Buffers>, DropAndReopen<Session>, NeverTouch<Dead>,
                NotifyChildOnly<Loop>, NotifyBothSides<Library>, Reseed<Engine>, Inherit<Listener>, HoldLock<Lock>>;

template <class... Kinds>
constexpr bool fit_everywhere = ((ComponentOf<Kinds, UwsgiPolicy> && ComponentOf<Kinds, GunicornPolicy> &&
                                  ComponentOf<Kinds, StandalonePolicy> && Subscriber<Kinds>) &&
                                 ...);
static_assert(
    fit_everywhere<StopRestart<Pool>, PreForkOnly<Buffers>, DropAndReopen<Session>, NeverTouch<Dead>, NotifyChildOnly<Loop>,
                   NotifyBothSides<Library>, Reseed<Engine>, HoldLock<Lock>, HoldLock<LocksTogether<Lock>>, Inherit<Listener>>);

constexpr bool has_row(std::size_t index, std::string_view name, Phase phase) {
  return App::report.subscribers[index].name == name && App::report.subscribers[index].phase == phase;
}
static_assert(has_row(0, "listener", Phase::generation) && has_row(1, "lock", Phase::locks) &&
              has_row(2, "engine", Phase::reseed) && has_row(3, "loop", Phase::event_loops) &&
              has_row(4, "library", Phase::event_loops) && has_row(5, "buffers", Phase::detach) &&
              has_row(6, "session", Phase::detach) && has_row(7, "dead", Phase::detach) &&
              has_row(8, "own", Phase::application) && has_row(9, "pool", Phase::threads));
static_assert(DropAndReopen<Session>::deadline == default_deadline);

struct Stuck {
  static constexpr std::string_view name = "stuck";
  static constexpr std::chrono::milliseconds deadline{100};
  void after_fork_in_child() { std::this_thread::sleep_for(std::chrono::hours{1}); }
};

App& app_in_use() {
  App& app = *new App{"kinds"};
  static_cast<void>(app.registry().find<DropAndReopen<Session>>()->get());
  static_cast<void>(app.registry().find<NeverTouch<Dead>>()->get());
  static_cast<void>(app.registry().find<StopRestart<Pool>>()->get());
  heard.clear();
  return app;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kinds)

BOOST_AUTO_TEST_CASE(each_kind_acts_in_its_phase) {
  App& app = app_in_use();
  auto const result = in_worker(app, [] { return heard; });
  BOOST_TEST(heard == "stop own in_use flush before lock listener unlock parent start ");
  BOOST_TEST(result.text ==
             "stop own in_use flush before lock listener listener reset reseed loop child forget make own discard start ");
  BOOST_TEST(failures_of(app) == "");
}

BOOST_AUTO_TEST_CASE(a_failed_fork_undoes_what_was_prepared) {
  App& app = app_in_use();
  before_fork(app);
  after_failed_fork(app);
  BOOST_TEST(heard == "stop own in_use flush before lock listener unlock parent start ");
}

BOOST_AUTO_TEST_CASE(a_worker_that_was_never_forked_goes_on) {
  App& app = app_in_use();
  before_fork(app);
  after_fork_in_child(app, false);
  BOOST_TEST(heard == "stop own in_use flush before lock listener listener unlock reseed own start ");
}

BOOST_AUTO_TEST_CASE(nested_forks_repair_each_time) {
  App& app = app_in_use();
  auto const result = in_worker(app, [&] {
    static_cast<void>(app.registry().find<DropAndReopen<Session>>()->get());
    heard.clear();
    auto const inner = in_worker(app, [] { return heard; });
    return inner.text + "| " + heard;
  });
  BOOST_TEST(result.text ==
             "stop own in_use flush before lock listener listener reset reseed loop child forget make own discard start | "
             "stop own in_use flush before lock listener unlock parent start ");
}

BOOST_AUTO_TEST_CASE(unannounced_forks_are_repaired_by_use) {
  App& app = app_in_use();
  static_cast<void>(app.registry().find<Reseed<Engine>>()->get());
  heard.clear();
  auto const result = in_child(
      [&] {
        Registry& registry = app.registry();
        for (int use = 0; use != 2; ++use) {
          static_cast<void>(registry.find<HoldLock<Lock>>()->get());
          static_cast<void>(registry.find<Reseed<Engine>>()->get());
          static_cast<void>(registry.find<NotifyChildOnly<Loop>>()->get());
          static_cast<void>(registry.find<NotifyBothSides<Library>>()->get());
          static_cast<void>(registry.find<DropAndReopen<Session>>()->get());
          static_cast<void>(registry.find<NeverTouch<Dead>>()->get());
          static_cast<void>(registry.find<StopRestart<Pool>>()->get());
        }
        return heard;
      },
      ::_Fork);
  BOOST_TEST(result.text == "reset reseed loop child forget open make discard start ");
  BOOST_TEST(heard == "");
}

BOOST_AUTO_TEST_CASE(a_late_announcement_repairs_nothing_twice) {
  App& app = app_in_use();
  auto const result = in_child(
      [&] {
        static_cast<void>(app.registry().find<DropAndReopen<Session>>()->get());
        static_cast<void>(app.registry().find<NotifyChildOnly<Loop>>()->get());
        static_cast<void>(app.registry().find<StopRestart<Pool>>()->get());
        after_fork_in_child(app);
        return heard;
      },
      ::_Fork);
  BOOST_TEST(result.text == "forget open loop discard start listener reset reseed child make own ");
}

BOOST_AUTO_TEST_CASE(the_deadline_of_the_traits_is_the_resource_s) {
  auto& app = *new ForkSafeApp<StandalonePolicy, NotifyChildOnly<Stuck>>{"stuck"};
  BOOST_TEST(in_worker(app, [] { return "served"; }).exit_status() == StandalonePolicy::replace_status);
}

BOOST_AUTO_TEST_SUITE_END()
