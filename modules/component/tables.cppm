// SPDX-License-Identifier: MIT
export module forksafe:tables;

import :application;
import :report;
import :handler;
import :listed;
import :registry;
import :subscriber;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// Builds a component in place from what its constructor asks for, and provides it under the type that the list names.
template <class Component>
struct Leaf {
  explicit Leaf(Application& application) : Leaf(application, Asking{application.registry(), subscriber_name<Component>()}) {
    if constexpr (requires { component.listed_as(subscriber_name<Component>()); })
      component.listed_as(subscriber_name<Component>());
    Registry& registry = application.registry();
    if (registry.template find<Component>() == nullptr) registry.lend(component);
  }

  Component component;

 private:
  Leaf(Application& application, Asking const&)
    requires BuiltFrom<Component, Application>
      : component(application) {}
  Leaf(Application& application, Asking const&)
    requires(BuiltFrom<Component, Registry> && !BuiltFrom<Component, Application>)
      : component(application.registry()) {}
  Leaf(Application&, Asking const&)
    requires(!BuiltFrom<Component, Registry> && !BuiltFrom<Component, Application>)
      : component() {}
};

template <Failure Choice>
struct Leaf<OnFailure<Choice>> {
  explicit Leaf(Application&) {}

  OnFailure<Choice> component;
};

template <std::size_t Index, class Component>
struct NumberedLeaf : Leaf<Component> {
  using Leaf<Component>::Leaf;
};

template <class Indices, class... Components>
struct Leaves;

template <std::size_t... Indices, class... Components>
struct Leaves<std::index_sequence<Indices...>, Components...> : NumberedLeaf<Indices, Components>... {
  explicit Leaves(Application& application) : NumberedLeaf<Indices, Components>(application)... {}
};

template <std::size_t Index, class Component>
constexpr Component& leaf(NumberedLeaf<Index, Component>& leaf) noexcept {
  return leaf.component;
}

template <std::size_t Capacity>
struct Indices {
  std::array<std::size_t, Capacity> at{};
  std::size_t size = 0;
};

/// What the compiler knows of one place in an application's list.
struct ComponentTraits {
  std::string_view name{};
  Phase phase = Phase::application;
  std::chrono::milliseconds deadline = default_deadline;
  bool hears[event_count]{};
  bool subscribes = false;
  bool handles = false;
  bool intercepts = false;
  bool loads = false;
  /// Whether no two threads may be in its handler, or in that of another one that is marked so.
  bool serialised = false;

  [[nodiscard]] constexpr std::size_t heard() const noexcept {
    std::size_t count = 0;
    for (bool const one : hears) count += one ? 1 : 0;
    return count;
  }
};

template <class Policy, class Component>
consteval ComponentTraits traits_of() {
  if constexpr (is_option<Component>) {
    return {};
  } else {
    using Type = typename Unwrapped<Component>::type;
    ComponentTraits traits{subscriber_name<Type>(), phase_of<Type>(), deadline_of<Type>()};
    [&]<class... Events>(EventList<Events...>) {
      ((traits.hears[event_index<Events>] = Hears<Type, Events> && raises_event<Policy>(event_index<Events>)), ...);
      traits.subscribes = (Hears<Type, Events> || ...);
    }(AllEvents{});
    traits.handles = RequestHandler<Type>;
    traits.intercepts = RequestInterceptor<Type>;
    traits.loads = Loads<Type>;
    traits.serialised = Unwrapped<Component>::serialised;
    return traits;
  }
}

template <class Component>
struct Place {
  using type = typename Unwrapped<Component>::type;
};
template <Failure Choice>
struct Place<OnFailure<Choice>> {
  using type = OnFailure<Choice>;
};

/// The tables of one application, all of them constants.
template <class Policy, class... Components>
struct Tables {
  static constexpr std::size_t size = sizeof...(Components);
  static constexpr std::array<ComponentTraits, size + 1> components{traits_of<Policy, Components>()..., ComponentTraits{}};

  template <class Wanted>
  static consteval Indices<size + 1> in_phase_order(Wanted wanted) {
    Indices<size + 1> order{};
    for (std::size_t phase = 0; phase != phase_count; ++phase)
      for (std::size_t index = 0; index != size; ++index)
        if (static_cast<std::size_t>(components[index].phase) == phase && wanted(components[index]))
          order.at[order.size++] = index;
    return order;
  }

  /// The subscribers that hear the event, in the order of the calls.
  template <class Event>
  static consteval Indices<size + 1> audience() {
    auto order = in_phase_order([](ComponentTraits const& traits) { return traits.hears[event_index<Event>]; });
    if (Event::nature.in_reverse)
      for (std::size_t index = 0; index != order.size / 2; ++index)
        std::swap(order.at[index], order.at[order.size - 1 - index]);
    return order;
  }

  template <class Event>
  static constexpr auto audience_of = audience<Event>();

  /// The audience as a type, so that calling each of it needs no array at run time.
  template <class Event>
  using Audience = decltype([]<std::size_t... Positions>(std::index_sequence<Positions...>) {
    return std::index_sequence<audience_of<Event>.at[Positions]...>{};
  }(std::make_index_sequence<audience_of<Event>.size>{}));

  static constexpr auto subscribing = in_phase_order([](ComponentTraits const& traits) { return traits.subscribes; });
  static constexpr auto loading = in_phase_order([](ComponentTraits const& traits) { return traits.loads; });
  static constexpr auto handling = in_phase_order([](ComponentTraits const& traits) { return traits.handles; });
  static constexpr auto intercepting = in_phase_order([](ComponentTraits const& traits) { return traits.intercepts; });

  /// The names of what each subscriber hears, one after the other.
  static constexpr auto heard_names = [] {
    constexpr std::size_t total = [] {
      std::size_t count = 0;
      for (ComponentTraits const& traits : components) count += traits.heard();
      return count;
    }();
    std::array<std::string_view, total> names{};
    std::size_t next = 0;
    for (std::size_t row = 0; row != subscribing.size; ++row)
      for (std::size_t event = 0; event != event_count; ++event)
        if (components[subscribing.at[row]].hears[event]) names[next++] = event_names[event];
    return names;
  }();

  static constexpr auto subscribers = [] {
    std::array<SubscriberRow, subscribing.size> rows{};
    std::size_t first = 0;
    for (std::size_t row = 0; row != rows.size(); ++row) {
      ComponentTraits const& traits = components[subscribing.at[row]];
      std::size_t const heard = traits.heard();
      rows[row] = {traits.name, traits.phase, {heard_names.data() + first, heard}};
      first += heard;
    }
    return rows;
  }();

  static constexpr Failure on_failure = [] {
    Failure choice = Failure::closed;
    ((choice =
          [] {
            if constexpr (is_option<Components>) return Components::on_failure;
            return Failure::closed;
          }() == Failure::open
              ? Failure::open
              : choice),
     ...);
    return choice;
  }();
};

template <class Policy>
consteval std::string_view hook_suffix() {
  if constexpr (requires { Policy::hook_suffix; }) {
    return Policy::hook_suffix;
  } else {
    return {};
  }
}

/// The rows of the report that depend on the policy alone.
template <class Policy>
inline constexpr auto wiring_rows = [] {
  std::array<WiringRow, Policy::wiring.size()> rows{};
  for (std::size_t row = 0; row != rows.size(); ++row) {
    Wire const& wire = Policy::wiring[row];
    rows[row] = {event_names[wire.event], wire.hook, wire.process, wire.support};
  }
  return rows;
}();

template <class Policy>
inline constexpr auto required_options = [] {
  std::array<std::string_view, Policy::requirements.size()> options{};
  for (std::size_t index = 0; index != options.size(); ++index) options[index] = Policy::requirements[index].option;
  return options;
}();

}  // namespace forksafe
