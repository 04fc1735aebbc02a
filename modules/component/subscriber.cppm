// SPDX-License-Identifier: MIT
export module forksafe:subscriber;

import :name;
import forksafe.policy;
import forksafe.std;

export namespace forksafe {

class Application;

/// The order of subscribers in a child, from first to last; within a phase they go in the order of declaration.
/// Events that tear down (see EventNature) go the whole way backwards.
enum class Phase : std::uint8_t { generation, locks, reseed, event_loops, detach, application, threads };

[[nodiscard]] constexpr std::string_view name_of(Phase phase) noexcept {
  constexpr std::string_view names[] = {"generation", "locks", "reseed", "event_loops", "detach", "application", "threads"};
  return names[static_cast<std::size_t>(phase)];
}

inline constexpr std::size_t phase_count = static_cast<std::size_t>(Phase::threads) + 1;

/// What happens to a worker in which a subscriber to ApplicationPostFork or ApplicationPostWorkerInit failed.
enum class Failure : std::uint8_t {
  /// It does not serve: it exits, and its container replaces it, after a delay that grows while replacements fail too.
  closed,
  /// It serves nevertheless; the failure is logged and recorded.
  open
};

/// How long a subscriber may take, unless it declares a `deadline` of its own.
inline constexpr std::chrono::milliseconds default_deadline{10'000};

/// Chooses, in the list of an application's components, what a failure means. The default is Failure::closed.
template <Failure Choice>
struct OnFailure {
  static constexpr Failure on_failure = Choice;
};

/// Wraps a subscriber that may listen to events its container never raises: those overloads are left out silently.
template <class Subscriber>
struct IfEmitted {
  using subscriber = Subscriber;
};
/// Its name in programs that were written for earlier versions.
template <class Subscriber>
using if_emitted = IfEmitted<Subscriber>;

/// Wraps a request handler or interceptor that no two threads of a process may be in: one of all the wrapped ones is called at
/// a time, after the request's body was read. For containers that call handlers from several threads at once.
template <class Handler>
struct Serialised {
  using handler = Handler;
};
/// Its name in programs that were written for earlier versions.
template <class Handler>
using serialised = Serialised<Handler>;

}  // namespace forksafe

namespace forksafe {

template <class Component>
inline constexpr bool is_option = false;
template <Failure Choice>
inline constexpr bool is_option<OnFailure<Choice>> = true;

template <class Component>
struct Unwrapped {
  using type = Component;
  static constexpr bool tolerant = false;
  static constexpr bool serialised = false;
};
template <class Component>
struct Unwrapped<IfEmitted<Component>> {
  using type = typename Unwrapped<Component>::type;
  static constexpr bool tolerant = true;
  static constexpr bool serialised = Unwrapped<Component>::serialised;
};
template <class Component>
struct Unwrapped<Serialised<Component>> {
  using type = typename Unwrapped<Component>::type;
  static constexpr bool tolerant = Unwrapped<Component>::tolerant;
  static constexpr bool serialised = true;
};

}  // namespace forksafe

export namespace forksafe {

/// Whether a subscriber can be called with the event.
template <class Subscriber, class Event>
concept Hears = requires(Subscriber& subscriber, Event const& event) { subscriber(event); };

/// Whether the type has something to do when the container loads the application.
template <class Component>
concept Loads = requires(Component& component, Application& application) { component.load(application); };

/// Whether the type can be called with any event at all.
template <class Type>
inline constexpr bool hears_any =
    [] { return []<class... Events>(EventList<Events...>) { return (Hears<Type, Events> || ...); }(AllEvents{}); }();

/// A type that hears at least one event: `void operator()(ApplicationPostFork const&)`.
///
/// Meaning:
///  - it runs in the process that the wiring names for the event, on the thread that forked;
///  - it may throw: the failure is recorded, the others still hear the event;
///  - it is constructed once, in the parent, before the first fork, from the Application, from the Registry, or from
///    nothing; it is copied into each child by the fork and never destroyed;
///  - optional members: `static constexpr Phase phase`, `static constexpr std::chrono::milliseconds deadline`,
///    `static constexpr std::string_view name`, `may_miss` for single events (see there); one of another form, or private,
///    does not compile.
template <class Type>
concept Subscriber =
    hears_any<Type> || because("it hears no event: declare `void operator()(forksafe::ApplicationPostFork const&)`, public, "
                               "by const reference");

/// A subscriber that can do without an event, where the container never raises it, says so event by event:
/// `template <class Event> static constexpr bool may_miss = std::same_as<Event, ApplicationForkFailed>;`
template <class Type, class Event>
inline constexpr bool may_miss = requires { requires Type::template may_miss<Event>; };

}  // namespace forksafe

namespace forksafe {

template <class Type, class Event, class Policy>
concept SupportedEvent =
    !Hears<Type, Event> || emits<Policy, Event> || may_miss<Type, Event> ||
    because("this container never raises this event: drop the subscriber, choose another event, or wrap the subscriber "
            "in forksafe::IfEmitted<...>");

template <class Type, class Policy>
concept OnlySupportedEvents =
    SupportedEvent<Type, ApplicationPreFork, Policy> && SupportedEvent<Type, ApplicationPostFork, Policy> &&
    SupportedEvent<Type, ApplicationPostWorkerInit, Policy> && SupportedEvent<Type, ApplicationPostForkParent, Policy> &&
    SupportedEvent<Type, ApplicationForkFailed, Policy> && SupportedEvent<Type, ApplicationWorkerReady, Policy> &&
    SupportedEvent<Type, ApplicationWorkerExit, Policy> && SupportedEvent<Type, ApplicationWorkerReaped, Policy> &&
    SupportedEvent<Type, ApplicationWorkerAbort, Policy> && SupportedEvent<Type, ApplicationServerStarting, Policy> &&
    SupportedEvent<Type, ApplicationServerReady, Policy> && SupportedEvent<Type, ApplicationServerReload, Policy> &&
    SupportedEvent<Type, ApplicationServerExit, Policy>;

}  // namespace forksafe

export namespace forksafe {

/// The phase in which a subscriber is called: Phase::application unless it says otherwise.
template <class Type>
consteval Phase phase_of() {
  if constexpr (requires {
                  { Type::phase } -> std::convertible_to<Phase>;
                }) {
    return Type::phase;
  } else {
    return Phase::application;
  }
}

/// How long a subscriber may take.
template <class Type>
consteval std::chrono::milliseconds deadline_of() {
  if constexpr (requires {
                  { Type::deadline } -> std::convertible_to<std::chrono::milliseconds>;
                }) {
    return Type::deadline;
  } else {
    return default_deadline;
  }
}

/// The name by which every view reports a subscriber: its type's, as short_name has it, unless it says otherwise.
template <class Type>
consteval std::string_view subscriber_name() {
  if constexpr (requires {
                  { Type::name } -> std::convertible_to<std::string_view>;
                }) {
    return Type::name;
  } else {
    return short_name<Type>;
  }
}

}  // namespace forksafe
