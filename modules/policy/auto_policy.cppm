// SPDX-License-Identifier: MIT
export module forksafe.policy:auto_policy;

import :container_policy;
import :diagnostic;
import :event_list;
import :leaving;
import :wiring;
import forksafe.std;

export namespace forksafe {

/// Several containers, one of which the process runs in. The container is found out at start by what it does, as when it calls
/// one of its hooks. For artefacts that more than one container loads, as a Python extension.
///
/// To the compiler it raises the events that each of its policies raises. Until the container is known, the report and
/// the debug object say `attempting auto-configure`; afterwards the debug object is that of the policy found.
template <ContainerPolicy... Policies>
  requires(sizeof...(Policies) != 0)
struct AutoPolicy {
  static constexpr std::string_view name = "auto";
  static constexpr std::string_view environment = "";
  static constexpr std::string_view status = "attempting auto-configure";
  static constexpr std::array<std::string_view, 0> log{};
  static constexpr std::array<Requirement, 0> requirements{};
  static constexpr Leaving leave = std::array<Leaving, sizeof...(Policies)>{Policies::leave...}.front();
  static constexpr HandlerCalls handler_calls =
      ((Policies::handler_calls == HandlerCalls::concurrent) || ...) ? HandlerCalls::concurrent : HandlerCalls::one_at_a_time;
  static constexpr std::array<Wire, event_count> wiring = [] {
    std::array<Wire, event_count> rows{};
    for (std::size_t event = 0; event != event_count; ++event) {
      bool const everywhere = (raises_event<Policies>(event) && ...);
      rows[event] = {event,
                     everywhere ? "chosen at start" : "not every container raises it",
                     {},
                     everywhere ? Support::emulated : Support::absent,
                     {}};
    }
    return rows;
  }();
};

}  // namespace forksafe

namespace forksafe {

template <class As, class Policy>
inline constexpr bool is_one_of = false;
template <class As, class... Policies>
inline constexpr bool is_one_of<As, AutoPolicy<Policies...>> = (std::same_as<As, Policies> || ...);

}  // namespace forksafe

export namespace forksafe {

/// Satisfied if the application's AutoPolicy lists the container.
template <class As, class Policy>
concept OneOf = is_one_of<As, Policy> ||
                because("this container cannot be chosen: the application's policy is not a forksafe::AutoPolicy with it");

}  // namespace forksafe
