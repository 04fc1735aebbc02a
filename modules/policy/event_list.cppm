// SPDX-License-Identifier: MIT
export module forksafe.policy:event_list;

import :diagnostic;
import :event;
import forksafe.std;

export namespace forksafe {

/// A list of events, to be taken apart by a template.
template <class... Events>
struct EventList {
  static constexpr std::size_t size = sizeof...(Events);
};

/// The list of all events, in the order of their positions: a further event is a struct above and an entry here.
using AllEvents = EventList<ApplicationPreFork, ApplicationPostFork, ApplicationPostWorkerInit, ApplicationPostForkParent,
                            ApplicationForkFailed, ApplicationWorkerReady, ApplicationWorkerExit, ApplicationWorkerReaped,
                            ApplicationWorkerAbort, ApplicationServerStarting, ApplicationServerReady, ApplicationServerReload,
                            ApplicationServerExit>;

}  // namespace forksafe

namespace forksafe {

template <std::size_t Index, class Event>
struct NumberedEvent {
  using type = Event;
};

template <class Indices, class List>
struct NumberedEvents;

template <std::size_t... Indices, class... Events>
struct NumberedEvents<std::index_sequence<Indices...>, EventList<Events...>> : NumberedEvent<Indices, Events>... {};

template <std::size_t Index, class Event>
NumberedEvent<Index, Event> numbered_event(NumberedEvent<Index, Event> const&);

using NumberedAllEvents = NumberedEvents<std::make_index_sequence<AllEvents::size>, AllEvents>;

// The compiler finds the base: to compare an event with each of the list would take a fifth of a policy's compile time.
template <class Event, std::size_t Index>
consteval std::size_t index_among(NumberedEvent<Index, Event> const*) {
  return Index;
}
template <class>
consteval std::size_t index_among(void const*) {
  return AllEvents::size;
}
template <class Event>
inline constexpr std::size_t index_of_type = index_among<Event>(static_cast<NumberedAllEvents const*>(nullptr));

}  // namespace forksafe

export namespace forksafe {

/// The number of events.
inline constexpr std::size_t event_count = AllEvents::size;

/// One of the events above.
template <class Event>
concept ApplicationEvent =
    (index_of_type<Event> < event_count) || because("not an event: use one of the Application... structs of policy/event.cppm");

/// The position of an event in the tables.
template <ApplicationEvent Event>
inline constexpr std::size_t event_index = index_of_type<Event>;

/// The event at a position in the tables: the reverse of event_index.
template <std::size_t Index>
using EventAt = typename decltype(numbered_event<Index>(NumberedAllEvents{}))::type;

/// The events' names, by event_index: those of the structs.
inline constexpr auto event_names = []<class... Events>(EventList<Events...>) {
  return std::array{type_name<Events>().substr(type_name<Events>().rfind(':') + 1)...};
}(AllEvents{});

template <ApplicationEvent Event>
inline constexpr std::string_view event_name = event_names[event_index<Event>];

}  // namespace forksafe
