// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>

import forksafe;
import forksafe.resource;
import forksafe.standalone;
import forks;

using namespace forksafe;

namespace {

int destroyed = 0;
int goodbyes = 0;
int forgotten = 0;
int opened = 0;
std::string_view busy;

struct Connection {
  explicit Connection(int given) : number(given) {}
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;
  ~Connection() { ++destroyed; }
  int number;
};

struct Session {
  static constexpr std::string_view name = "session";
  using Handle = Connection;
  Connection open() { return Connection{++opened}; }
  void forget(Connection&) noexcept { ++forgotten; }
  void close(Connection&) { ++goodbyes; }
  std::string_view in_use(Connection&) { return busy; }
};
struct Refusing {
  using Handle = Connection;
  Connection open() { throw std::runtime_error{"refused"}; }
  void forget(Connection&) noexcept {}
};
struct Dead {
  static constexpr std::string_view name = "dead";
  using Handle = Connection;
  Connection open() { return Connection{++opened}; }
  void close(Connection&) { ++goodbyes; }
};
struct Lazy : Dead {
  static constexpr InChild in_child = InChild::lazily;
};
struct Eager : Dead {
  static constexpr InChild in_child = InChild::at_once;
};

struct Bell {
  static constexpr std::string_view name = "bell";
  using Handle = int;
  int open() { return ::eventfd(0, 0); }
  void forget(int& bell) noexcept { ::close(bell); }
  void close(int& bell) { ::close(bell); }
  int descriptor(int& bell) { return bell; }
};

template <class Kind>
struct Fixture {
  using App = ForkSafeApp<StandalonePolicy, Kind>;
  App& app = *new App{"detach"};
  Kind& kind = *app.registry().template find<Kind>();

  Fixture() {
    destroyed = goodbyes = forgotten = opened = 0;
    busy = {};
  }
};

/// A socket. Each one that is opened is a separate file.
struct Link : Bell {
  static constexpr std::string_view name = "wire";
  int open() { return ::socket(AF_UNIX, SOCK_STREAM, 0); }
};

using BothKindsOfBell = std::tuple<DropAndReopen<Bell>, NeverTouch<Bell>>;

std::string counts() {
  return std::to_string(opened) + " opened " + std::to_string(forgotten) + " forgotten " + std::to_string(goodbyes) +
         " closed " + std::to_string(destroyed) + " destroyed";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kinds_detach)

BOOST_AUTO_TEST_CASE(a_handle_is_opened_by_its_first_use_and_kept) {
  Fixture<DropAndReopen<Session>> the;
  BOOST_TEST(!the.kind.is_open());
  BOOST_TEST(the.kind.get().number == 1);
  BOOST_TEST(the.kind.get().number == 1);
  the.kind.close();
  the.kind.close();
  BOOST_TEST(counts() == "1 opened 0 forgotten 1 closed 1 destroyed");
  BOOST_TEST(the.kind.get().number == 2);
}

BOOST_AUTO_TEST_CASE(a_child_forgets_and_opens_its_own) {
  for (auto* const make : {::fork, ::_Fork}) {
    Fixture<DropAndReopen<Session>> the;
    static_cast<void>(the.kind.get());
    auto const result = in_worker(
        the.app,
        [&] {
          bool const was_open = the.kind.is_open();
          int const number = the.kind.get().number;
          the.kind.close();
          return std::to_string(was_open) + " " + std::to_string(number) + " " + counts();
        },
        make);
    BOOST_TEST(result.text == "0 2 2 opened 1 forgotten 1 closed 1 destroyed");
    BOOST_TEST(the.kind.get().number == 1);
    BOOST_TEST(counts() == "1 opened 0 forgotten 0 closed 0 destroyed");
  }
}

BOOST_AUTO_TEST_CASE(close_says_no_goodbye_for_the_parent) {
  Fixture<DropAndReopen<Session>> the;
  static_cast<void>(the.kind.get());
  auto const result = in_child([&] { return the.kind.close(), counts(); }, ::_Fork);
  BOOST_TEST(result.text == "1 opened 1 forgotten 0 closed 0 destroyed");
}

BOOST_AUTO_TEST_CASE(an_open_that_throws_leaves_nothing) {
  Fixture<DropAndReopen<Refusing>> the;
  BOOST_CHECK_THROW(static_cast<void>(the.kind.get()), std::runtime_error);
  BOOST_TEST(!the.kind.is_open());
}

BOOST_AUTO_TEST_CASE(a_handle_in_use_vetoes_and_the_child_does_not_serve) {
  Fixture<DropAndReopen<Session>> the;
  static_cast<void>(the.kind.get());
  busy = "a transaction is open";
  auto const result = in_worker(the.app, [] { return "served"; });
  BOOST_TEST(result.text == "");
  BOOST_TEST(result.exit_status() == StandalonePolicy::replace_status);
  BOOST_TEST(failures_of(the.app) == "session: threw: vetoes the fork: a transaction is open; ");
  busy = {};
  BOOST_TEST(in_worker(the.app, [] { return "served"; }).text == "served");
}

BOOST_AUTO_TEST_CASE(an_open_application_records_the_veto_in_the_child_once) {
  destroyed = goodbyes = forgotten = opened = 0;
  auto& app = *new ForkSafeApp<StandalonePolicy, OnFailure<Failure::open>, DropAndReopen<Session>>{"open"};
  static_cast<void>(app.registry().find<DropAndReopen<Session>>()->get());
  busy = "busy";
  auto const result = in_worker(app, [&] {
    busy = {};
    return failures_of(app) + counts() + "|" + in_worker(app, [] { return "served"; }).text;
  });
  BOOST_TEST(result.text == "session: threw: vetoes the fork: busy; session: threw: was forked in spite of its veto; "
                            "1 opened 1 forgotten 0 closed 0 destroyed|served");
}

BOOST_AUTO_TEST_CASE(a_veto_ends_with_its_fork) {
  Fixture<DropAndReopen<Session>> the;
  static_cast<void>(the.kind.get());
  for (auto* const over : {&after_fork_in_parent<decltype(the)::App>, &after_failed_fork<decltype(the)::App>}) {
    busy = "busy";
    before_fork(the.app);
    over(the.app);
    auto const result = in_child([&] { return after_fork_in_child(the.app), std::string{"served"}; }, ::_Fork);
    BOOST_TEST(result.text == "served");
  }
}

BOOST_AUTO_TEST_CASE(an_inherited_object_is_refused_with_both_generations) {
  Fixture<NeverTouch<Dead>> the;
  static_cast<void>(the.kind.get());
  auto const made_in = std::to_string(generation());
  auto const used_in = std::to_string(generation() + 1);
  auto const result = in_worker(the.app, [&]() -> std::string {
    try {
      static_cast<void>(the.kind.get());
    } catch (InheritedObject const& refusal) {
      int const number = the.kind.recreate().number;
      return std::string{refusal.what()} + "|" + std::to_string(number) + " " + counts();
    }
    return "touched";
  });
  BOOST_TEST(result.text ==
             "dead was made in process generation " + made_in + " and is used in generation " + used_in +
                 ", after a fork that it does not survive: make a new one first|2 2 opened 0 forgotten 0 closed 0 destroyed");
  BOOST_TEST(the.kind.get().number == 1);
}

BOOST_AUTO_TEST_CASE(a_process_closes_its_own_object_only) {
  Fixture<NeverTouch<Dead>> the;
  static_cast<void>(the.kind.get());
  the.kind.recreate();
  BOOST_TEST(counts() == "2 opened 0 forgotten 1 closed 1 destroyed");
  BOOST_TEST(in_child([&] { return the.kind.close(), counts(); }, ::_Fork).text == counts());
}

BOOST_AUTO_TEST_CASE(a_child_makes_its_object_when_the_traits_say) {
  Fixture<NeverTouch<Lazy>> lazy;
  static_cast<void>(lazy.kind.get());
  BOOST_TEST(in_worker(lazy.app, [&] { return std::to_string(opened) + std::to_string(lazy.kind.get().number); }).text == "12");
  Fixture<NeverTouch<Eager>> eager;
  static_cast<void>(eager.kind.get());
  BOOST_TEST(in_worker(eager.app, [&] { return std::to_string(opened) + std::to_string(eager.kind.is_open()); }).text == "21");
  Fixture<NeverTouch<Eager>> unused;
  BOOST_TEST(in_worker(unused.app, [&] { return counts(); }).text == "0 opened 0 forgotten 0 closed 0 destroyed");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_audit_names_the_owner_of_what_is_open, Kind, BothKindsOfBell) {
  Fixture<Kind> the;
  static_cast<void>(the.kind.get());
  std::string const found = found_in_child();
  BOOST_TEST(found.find("eventfd, descriptor " + std::to_string(the.kind.get()) + ": of bell; ") != std::string::npos, found);
  the.kind.close();
  // The next descriptor gets the same number, and does not belong to the resource.
  int const other = ::eventfd(0, 0);
  std::string const found_later = found_in_child();
  BOOST_TEST(found_later.find("eventfd, descriptor " + std::to_string(other) + ": ; ") != std::string::npos, found_later);
  ::close(other);
}

BOOST_AUTO_TEST_CASE(what_a_child_has_opened_under_the_number_of_the_inherited_one_is_not_closed) {
  Fixture<DropAndReopen<Link>> the;
  int const number = the.kind.get();
  auto const result = in_child([&]() -> std::string {
    ::close(number);
    if (::socket(AF_UNIX, SOCK_DGRAM, 0) != number) return "another number";
    int const reopened = the.kind.get();
    int kind = 0;
    socklen_t size = sizeof kind;
    ::getsockopt(number, SOL_SOCKET, SO_TYPE, &kind, &size);
    return std::to_string(kind == SOCK_DGRAM) + std::to_string(reopened != number);
  });
  BOOST_TEST(result.text == "11");
  BOOST_TEST(in_child([&] { return std::to_string(the.kind.get() == number); }).text == "1");
  the.kind.close();
}

BOOST_AUTO_TEST_SUITE_END()
