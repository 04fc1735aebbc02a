// SPDX-License-Identifier: MIT
module;
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
export module forksafe:event;

import :process;
import :diagnostic;

export namespace forksafe {

class Registry;

/// What every event carries. Valid during the call only; the registry outlives it.
struct Occurrence {
  /// The application's name, settings and services. Null where the application is not loaded in this process.
  Registry* registry = nullptr;
  /// The policy's name.
  std::string_view container{};
  /// What the container called, as in `post_fork`.
  std::string_view hook{};
  /// The process that hears the event.
  Process process{};
  /// Whether a fork really made this process: false in a container that never forked.
  bool forked = false;
  /// Whether the container has loaded its application in this process.
  bool app_loaded = true;
  /// Whether this process replaces an earlier one in its slot.
  bool respawn = false;
  /// Whether the subscriber was added after the event had passed, and hears of it now.
  bool late = false;
};

/// An event in the parent that is about one child.
struct ChildOccurrence : Occurrence {
  /// The child's role, slot and incarnation as far as known; its pid is 0 while there is no child.
  Process child{};
};

/// In the parent, before each fork of a worker: flush, close, stop threads, take locks.
struct ApplicationPreFork : ChildOccurrence {};

/// In the child, as early as its identity is known: drop what was inherited, reseed, make anew.
struct ApplicationPostFork : Occurrence {};

/// In the child, after the application is loaded in it: warm up, start threads.
struct ApplicationPostWorkerInit : Occurrence {};

/// In the parent, after each fork: undo what ApplicationPreFork did.
struct ApplicationPostForkParent : ChildOccurrence {};

/// In the parent, when the fork made no child: undo what ApplicationPreFork did.
struct ApplicationForkFailed : ChildOccurrence {
  /// The errno of the fork, 0 where the container does not tell.
  int error = 0;
};

/// In the child, when it begins to accept requests.
struct ApplicationWorkerReady : Occurrence {};

/// In the child, at its orderly end. Best effort: a killed process does not run it.
struct ApplicationWorkerExit : Occurrence {};

/// In the parent, when a child is gone: the only clean-up that can be relied on.
struct ApplicationWorkerReaped : ChildOccurrence {
  /// The wait status of the child, where the container tells.
  std::optional<int> status{};
};

/// When a worker is ended for taking too long. May run in a signal handler; the wiring says in which process.
struct ApplicationWorkerAbort : ChildOccurrence {};

/// In the parent, once, before it opens its sockets or loads the application.
struct ApplicationServerStarting : Occurrence {};

/// In the parent, once, when the sockets are open.
struct ApplicationServerReady : Occurrence {};

/// In the parent, when it was told to replace its workers.
struct ApplicationServerReload : Occurrence {};

/// In the parent, once, at its orderly end.
struct ApplicationServerExit : Occurrence {};

}  // namespace forksafe

namespace forksafe {

template <class... Events>
struct EventList {
  static constexpr std::size_t size = sizeof...(Events);

  template <class Event>
  static consteval std::size_t index() {
    std::size_t index = 0;
    bool found = false;
    ((found = found || std::same_as<Event, Events>, index += found ? 0 : 1), ...);
    return index;
  }
};

template <std::size_t Index, class Event>
struct NumberedEvent {
  using type = Event;
};

template <class Indices, class... Events>
struct NumberedEvents;

template <std::size_t... Indices, class... Events>
struct NumberedEvents<std::index_sequence<Indices...>, EventList<Events...>> : NumberedEvent<Indices, Events>... {};

template <std::size_t Index, class Event>
NumberedEvent<Index, Event> numbered_event(NumberedEvent<Index, Event> const&);

/// The one list of all events: a further event is a struct above, an entry here, and a name below.
using AllEvents =
    EventList<ApplicationPreFork, ApplicationPostFork, ApplicationPostWorkerInit, ApplicationPostForkParent,
              ApplicationForkFailed, ApplicationWorkerReady, ApplicationWorkerExit, ApplicationWorkerReaped,
              ApplicationWorkerAbort, ApplicationServerStarting, ApplicationServerReady, ApplicationServerReload,
              ApplicationServerExit>;

}  // namespace forksafe

export namespace forksafe {

/// How many events there are.
inline constexpr std::size_t event_count = AllEvents::size;

/// One of the events above.
template <class Event>
concept ApplicationEvent = (AllEvents::index<Event>() < event_count) ||
                           because<"not an event: use one of the Application... structs of policy/event.cppm">();

/// The position of an event in the tables.
template <ApplicationEvent Event>
inline constexpr std::size_t event_index = AllEvents::index<Event>();

/// The event at a position in the tables: the reverse of event_index.
template <std::size_t Index>
using EventAt = typename decltype(numbered_event<Index>(
    NumberedEvents<std::make_index_sequence<event_count>, AllEvents>{}))::type;

/// The events' names, by event_index.
inline constexpr std::string_view event_names[] = {
    "ApplicationPreFork",        "ApplicationPostFork",     "ApplicationPostWorkerInit", "ApplicationPostForkParent",
    "ApplicationForkFailed",     "ApplicationWorkerReady",  "ApplicationWorkerExit",     "ApplicationWorkerReaped",
    "ApplicationWorkerAbort",    "ApplicationServerStarting", "ApplicationServerReady",  "ApplicationServerReload",
    "ApplicationServerExit"};
static_assert(std::size(event_names) == event_count);

template <ApplicationEvent Event>
inline constexpr std::string_view event_name = event_names[event_index<Event>];

/// Events that tear down are heard in the reverse of the order of those that build up.
template <ApplicationEvent Event>
inline constexpr bool heard_in_reverse =
    std::same_as<Event, ApplicationPreFork> || std::same_as<Event, ApplicationWorkerExit> ||
    std::same_as<Event, ApplicationServerExit>;

/// Events that a process hears at most once, and that a subscriber added afterwards hears at once, marked late.
template <ApplicationEvent Event>
inline constexpr bool heard_once =
    std::same_as<Event, ApplicationPostFork> || std::same_as<Event, ApplicationPostWorkerInit> ||
    std::same_as<Event, ApplicationWorkerReady> || std::same_as<Event, ApplicationWorkerExit> ||
    std::same_as<Event, ApplicationServerStarting> || std::same_as<Event, ApplicationServerReady> ||
    std::same_as<Event, ApplicationServerExit>;

/// Events that must have succeeded before a worker may serve.
template <ApplicationEvent Event>
inline constexpr bool guards_serving =
    std::same_as<Event, ApplicationPostFork> || std::same_as<Event, ApplicationPostWorkerInit>;

/// What the delivery of an event depends on, beside the event itself.
struct EventTraits {
  std::size_t index;
  bool heard_once;
  bool guards_serving;
  bool heard_in_reverse;
};

template <ApplicationEvent Event>
inline constexpr EventTraits event_traits{event_index<Event>, heard_once<Event>, guards_serving<Event>,
                                          heard_in_reverse<Event>};

}  // namespace forksafe
