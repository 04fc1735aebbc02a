// SPDX-License-Identifier: MIT
export module forksafe.policy:container_policy;

import :diagnostic;
import :event;
import :event_list;
import :leaving;
import :process;
import :wiring;
import forksafe.std;

namespace forksafe {

template <class Policy>
consteval bool wires_each_event() {
  bool wired[event_count]{};
  for (Wire const& wire : Policy::wiring) wired[wire.event] = true;
  for (bool const one : wired)
    if (!one) return false;
  return true;
}

template <class Policy>
consteval bool wires_and_absence_exclude_each_other() {
  int rows[event_count]{};
  for (Wire const& wire : Policy::wiring) ++rows[wire.event];
  for (Wire const& wire : Policy::wiring)
    if (wire.support == Support::absent && rows[wire.event] != 1) return false;
  return true;
}

/// Whether a policy's member is an array of such elements. To ask std::span would cost more than the rest of a policy.
template <class Element, std::size_t Count>
consteval bool is_array_of(std::array<Element, Count> const&) {
  return true;
}
template <class Element, std::size_t Count>
consteval bool is_array_of(Element const (&)[Count]) {
  return true;
}

/// A policy with words of its own for its processes.
template <class Policy>
concept NamesProcesses = requires { is_array_of<ProcessKind>(Policy::processes); };

/// The number of its own words for processes that a policy may have: the journal counts by kind.
inline constexpr std::size_t word_limit = 11;

}  // namespace forksafe

export namespace forksafe {

/// The policy's own words for its processes; none where it has no `processes`.
template <class Policy>
consteval std::span<ProcessKind const> words_of() {
  if constexpr (NamesProcesses<Policy>) {
    return Policy::processes;
  } else {
    return {};
  }
}

/// Whether the policy's container ever raises the event of this index.
template <class Policy>
consteval bool raises_event(std::size_t event) {
  for (Wire const& wire : Policy::wiring)
    if (wire.event == event && wire.support != Support::absent) return true;
  return false;
}

}  // namespace forksafe

namespace forksafe {

template <class Policy>
consteval bool knows_process(std::string_view word) {
  for (std::size_t role = 0; role != role_count; ++role)
    if (are_equal(name_of(static_cast<Role>(role)), word)) return true;
  if constexpr (NamesProcesses<Policy>)
    for (ProcessKind const& kind : Policy::processes)
      if (kind.is_called(word)) return true;
  return false;
}

/// Whether each process that the wiring names, as in `master, worker`, has a role.
template <class Policy>
consteval bool knows_its_processes() {
  for (Wire const& wire : Policy::wiring) {
    std::string_view rest = wire.process;
    while (!rest.empty()) {
      std::size_t const end = rest.find(", ");
      if (!knows_process<Policy>(rest.substr(0, end))) return false;
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    }
  }
  if constexpr (NamesProcesses<Policy>) return std::size(Policy::processes) <= word_limit;
  return true;
}

template <class Policy>
concept HasName = requires {
  std::string_view{Policy::name};
  std::string_view{Policy::environment};
} || because("declare `static constexpr std::string_view name, environment`: the container's name in code and in words");

template <class Policy>
concept HasWords =
    requires {
      std::string_view{Policy::status};
      is_array_of<std::string_view>(Policy::log);
      is_array_of<Requirement>(Policy::requirements);
    } || because("declare `static constexpr` status, log (an array of std::string_view) and requirements (an array of "
                 "Requirement): they make the report");

template <class Policy>
concept HasWiring = requires { is_array_of<Wire>(Policy::wiring); } ||
                    because("declare `static constexpr std::array wiring{native<Event>(hook, process), ...}`");

template <class Policy>
concept HasLeave =
    requires { Leaving{Policy::leave}; } ||
    because("declare `static constexpr Leaving leave = exit_with<70>;`: how a worker leaves so that the container replaces it "
            "and stays up");

template <class Policy>
concept HasHandlerCalls =
    requires { HandlerCalls{Policy::handler_calls}; } ||
    because("declare `static constexpr HandlerCalls handler_calls`: concurrent if the container may call handlers from several "
            "threads of one process at once, else one_at_a_time");

template <class Policy>
concept WiresEachEvent =
    wires_each_event<Policy>() || because("give every event a row in the wiring; say absent<Event>(reason) for what the "
                                          "container cannot tell");

template <class Policy>
concept WiresWithoutContradiction =
    (wires_and_absence_exclude_each_other<Policy>() && Policy::wiring.size() <= wire_limit) ||
    because("an event is either absent, in one row, or has one row for each hook that raises it; 24 rows at most");

template <class Policy>
concept KnowsItsProcesses =
    knows_its_processes<Policy>() ||
    because("the wiring names processes by a role (master, worker, helper, task) or by a word of the policy's own: declare "
            "`static constexpr std::array processes{ProcessKind{word, role}, ...}`, 11 words at most");

template <class Policy>
concept WiresForkPair =
    raises_event<Policy>(event_index<ApplicationPreFork>) <= raises_event<Policy>(event_index<ApplicationPostForkParent>) ||
    because("a policy that raises ApplicationPreFork must raise ApplicationPostForkParent: what was closed before the "
            "fork must be undone in the parent");

}  // namespace forksafe

export namespace forksafe {

/// A type that describes one container at compile time. It has no state and is never instantiated.
///
/// Meaning, which no compiler can check and the policy's tests on the real container do:
///  - the binding raises every event of the wiring that is not absent, from the hook and in the process that it names;
///  - each forked worker hears ApplicationPostFork before it serves;
///  - a worker that calls `leave` is replaced, and the server stays up;
///  - where `handler_calls` is one_at_a_time, no two threads of a process are in handlers.
template <class Policy>
concept ContainerPolicy =
    HasName<Policy> && HasWords<Policy> && HasWiring<Policy> && HasLeave<Policy> && HasHandlerCalls<Policy> &&
    WiresEachEvent<Policy> && WiresWithoutContradiction<Policy> && KnowsItsProcesses<Policy> && WiresForkPair<Policy>;

/// Whether the policy's container ever raises the event, by its own hook or emulated.
template <ContainerPolicy Policy, ApplicationEvent Event>
inline constexpr bool emits = raises_event<Policy>(event_index<Event>);

/// How the policy's container supports the event; native wins where several hooks raise it.
template <ContainerPolicy Policy, ApplicationEvent Event>
inline constexpr Support support_of = [] {
  Support best = Support::absent;
  for (Wire const& wire : Policy::wiring)
    if (wire.event == event_index<Event> && wire.support < best) best = wire.support;
  return best;
}();

/// The row in which the policy says that `Hook` raises the event.
template <ContainerPolicy Policy, ApplicationEvent Event, Text Hook>
consteval std::size_t wire_of() {
  for (std::size_t row = 0; row != Policy::wiring.size(); ++row) {
    Wire const& wire = Policy::wiring[row];
    if (wire.event == event_index<Event> && wire.support != Support::absent && wire.is_of(Hook)) return row;
  }
  return Policy::wiring.size();
}

/// Satisfied if the policy's wiring has a row for this event and hook.
template <class Policy, class Event, Text Hook>
concept Wires = (wire_of<Policy, Event, Hook>() < Policy::wiring.size()) ||
                because("the binding raises an event from a hook that its policy's wiring does not list: add the row");

}  // namespace forksafe
