// SPDX-License-Identifier: MIT
#include <array>
#include <boost/test/unit_test.hpp>
#include <concepts>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

import forksafe;

using namespace forksafe;

namespace {

/// A container that raises only the event, and those that every container must raise.
template <class Only>
struct RaisesOnly {
  static constexpr std::string_view name = "few", environment = "Few", status = "Few hook configured";
  static constexpr std::array<std::string_view, 1> log{"Few available"};
  static constexpr std::array<Requirement, 0> requirements{};
  static constexpr Leaving leave = exit_with<70>;
  static constexpr HandlerCalls handler_calls = HandlerCalls::one_at_a_time;
  static constexpr std::array wiring = []<class... Events>(EventList<Events...>) {
    return std::array{std::same_as<Events, Only> || std::same_as<Events, ApplicationPostForkParent>
                          ? native<Events>("hook", "master")
                          : absent<Events>("for this test")...};
  }(AllEvents{});
};

template <class Event>
struct Hearer {
  void operator()(Event const&) {}
};

template <class Policy, class Component>
concept Accepted = requires { typename ForkSafeApp<Policy, Component>; };

/// The compiler refuses a subscriber to each event that its container does not raise. The list for this check is written out,
/// so that the message names the event.
template <class Event>
constexpr bool is_checked =
    Accepted<RaisesOnly<Event>, Hearer<Event>> &&
    (std::same_as<Event, ApplicationPostForkParent> || !Accepted<RaisesOnly<ApplicationPostForkParent>, Hearer<Event>>);

static_assert([]<class... Events>(EventList<Events...>) { return (is_checked<Events> && ...); }(AllEvents{}));

/// Position, type and name of an event belong together.
static_assert([]<std::size_t... Indices>(std::index_sequence<Indices...>) {
  return ((event_index<EventAt<Indices>> == Indices && event_name<EventAt<Indices>> == event_names[Indices]) && ...);
}(std::make_index_sequence<event_count>{}));
static_assert(event_names.front() == "ApplicationPreFork" && event_names.back() == "ApplicationServerExit");

std::string read(std::string const& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::size_t occurrences(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t place = text.find(word); place != text.npos; place = text.find(word, place + 1)) ++count;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event)

BOOST_AUTO_TEST_CASE(each_list_of_events_in_python_is_the_one_in_cxx) {
  // Two events have further members, which the Python interfaces list in a second table.
  struct {
    std::string_view file, before, after;
    std::size_t told_twice = 0;
  } const lists[] = {{"__init__.py", "    \"", "\",\n"},
                     {"core.pyi", "    \"", "\",\n"},
                     {"pyramid/interfaces.py", "    \"", "\": \"", 2},
                     {"pyramid/interfaces.pyi", "class I", "(IApplicationEvent): ..."},
                     {"pyramid/events.pyi", "class ", "(ApplicationEvent):"}};
  for (auto const& [file, before, after, told_twice] : lists) {
    std::string const text = read(std::string{FORKSAFE_PYTHON_PACKAGE "/"} + std::string{file});
    std::string const any = std::string{before} + "Application";
    for (std::string_view const name : event_names) {
      std::string const entry = std::string{before} + std::string{name} + std::string{after};
      BOOST_TEST(occurrences(text, entry) == 1u, file << " has " << entry << " " << occurrences(text, entry) << " times");
    }
    BOOST_TEST(occurrences(text, any) == event_count + told_twice + occurrences(text, any + "Event"), file);
  }
}

BOOST_AUTO_TEST_SUITE_END()
