// SPDX-License-Identifier: MIT
export module forksafe.binding:raises;

import :facts;
import forksafe.std;
import forksafe;
import forksafe.policy;

export namespace forksafe::binding {

/// Used in the list of a Raises: the binding raises this event from this hook, when its own code says so.
template <Text Hook, ApplicationEvent Event>
struct Single {
  template <ContainerPolicy Policy>
  static consteval bool covers(Wire const& wire) {
    return wire.is_of(Hook) && wire.event == event_index<Event>;
  }
};

/// Each call of this hook raises all events whose row names it.
template <Text Hook>
struct Whole {
  template <ContainerPolicy Policy>
  static consteval bool covers(Wire const& wire) {
    return wire.is_of(Hook);
  }
};

/// Each call of a hook whose function is generated from the wiring, because it has parameters there, does the same.
struct Generated {
  template <ContainerPolicy Policy>
  static consteval bool covers(Wire const& wire) {
    for (Wire const& other : Policy::wiring)
      if (other.is_of(wire.hook) && !other.parameters.empty()) return true;
    return false;
  }
};

}  // namespace forksafe::binding

namespace forksafe::binding {

template <class Call, class Policy>
consteval bool covers_a_row() {
  for (Wire const& wire : Policy::wiring)
    if (wire.support != Support::absent && Call::template covers<Policy>(wire)) return true;
  return false;
}

template <class Call, class Policy>
concept CoversARow = covers_a_row<Call, Policy>() ||
                     because("the binding raises an event from a hook that its policy's wiring does not list: add the row");

/// A view as a Text, which the compiler prints where it is a template argument.
template <std::size_t Size>
consteval Text<Size + 1> text_of(std::string_view view) {
  char characters[Size + 1]{};
  for (std::size_t index = 0; index != Size; ++index) characters[index] = view[index];
  return Text{characters};
}

/// A row that is left out, as the compiler names it. The last one stands for none.
template <class Policy, std::size_t Row>
struct LeftOut {
  using Event = EventAt<Policy::wiring[Row].event>;
  static constexpr auto hook = text_of<Policy::wiring[Row].hook.size()>(Policy::wiring[Row].hook);
};
template <class Policy, std::size_t Row>
  requires(Row == Policy::wiring.size())
struct LeftOut<Policy, Row> {
  using Event = void;
  static constexpr Text hook{""};
};

/// Whether there is no such row. The compiler prints the arguments of what is false.
template <class Event, Text Hook>
inline constexpr bool is_no_row = std::is_void_v<Event>;

template <class Event, Text Hook>
concept NoRowIsLeftOut =
    is_no_row<Event, Hook> ||
    because(
        "the policy's wiring has a row, of this event and this hook, that the binding never raises: raise it and name it in "
        "the binding's Raises, or declare the event absent in the policy");

}  // namespace forksafe::binding

export namespace forksafe::binding {

/// Whether a Raises leaves out no row of the wiring. Each call that raises events asserts it.
template <class Raises>
concept CompleteBinding = NoRowIsLeftOut<typename Raises::FirstMissing::Event, Raises::FirstMissing::hook>;

/// What a binding raises, and the only way to raise it. `Calls` are Single, Whole and Generated; together they are the wiring of
/// the policy, neither more nor less.
template <ContainerPolicy Policy, CoversARow<Policy>... Calls>
struct Raises {
  using policy = Policy;

  template <Text Hook, ApplicationEvent Event>
  static constexpr bool has = (Calls::template covers<Policy>(Wire{event_index<Event>, Hook}) || ...);

  /// Raises `Event`, because the container has called `Hook`.
  template <Text Hook, ApplicationEvent Event, class App>
    requires Wires<Policy, Event, Hook>
  static void raise(App& app, Facts const& facts) noexcept {
    static_assert(CompleteBinding<Raises>);
    static_assert(has<Hook, Event>, "name the hook and the event in the binding's Raises");
    app.template emit_row<Policy, wire_of<Policy, Event, Hook>()>(make_event<Event>(facts));
  }

  /// Raises the events of all rows that name `Hook` and are heard by `self`, in their order, because the container has called
  /// it. Just before each, `facts_of.template operator()<Event>(wire)` returns what it carries; an empty optional leaves the
  /// event out.
  template <Text Hook, class App, class FactsOf>
  static void fire(App& app, Process const& self, FactsOf facts_of) noexcept {
    static_assert(CompleteBinding<Raises>);
    [&]<std::size_t... Rows>(std::index_sequence<Rows...>) {
      (fire_row<Hook, Rows>(app, self, facts_of), ...);
    }(std::make_index_sequence<Policy::wiring.size()>{});
  }
  template <Text Hook, class App>
  static void fire(App& app, Facts const& facts) noexcept {
    fire<Hook>(app, facts.process, [&]<class Event>(Wire const&) { return std::optional{facts}; });
  }

  /// The first row of the wiring, from 0, that none of them raises; the number of rows if there is none.
  static constexpr std::size_t first_missing = [] {
    std::size_t row = 0;
    for (; row != Policy::wiring.size(); ++row) {
      Wire const& wire = Policy::wiring[row];
      if (wire.support != Support::absent && !(Calls::template covers<Policy>(wire) || ...)) break;
    }
    return row;
  }();
  using FirstMissing = LeftOut<Policy, first_missing>;

 private:
  template <Text Hook, std::size_t Row, class App, class FactsOf>
  static void fire_row(App& app, Process const& self, FactsOf& facts_of) noexcept {
    constexpr Wire const& wire = Policy::wiring[Row];
    if constexpr (wire.support != Support::absent && wire.is_of(Hook)) {
      using Event = EventAt<wire.event>;
      static_assert(has<Hook, Event>, "name the hook in the binding's Raises");
      if (!is_heard_by(wire, self)) return;
      if (auto const facts = facts_of.template operator()<Event>(wire))
        app.template emit_row<Policy, Row>(make_event<Event>(*facts));
    }
  }
};

}  // namespace forksafe::binding
