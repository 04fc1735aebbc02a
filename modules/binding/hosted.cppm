// SPDX-License-Identifier: MIT
export module forksafe.binding:hosted;

import :facts;
import :raises;
import forksafe.std;
import forksafe;
import forksafe.policy;

export namespace forksafe::binding {

/// An application as the bodies of a binding see it, whose type is erased: generated from the wiring of its policy.
struct ErasedApplication {
  using Raise = void (*)(HostedApplication&, Facts const&) noexcept;

  HostedApplication* (*make)(std::string_view name);
  void (*load)(HostedApplication& application);
  /// Null for an application that answers no requests.
  Response (*handle)(HostedApplication& application, Request const& request) noexcept;
  /// The functions that raise the events, in the order of the wiring's rows; null for absent events.
  std::array<Raise, wire_limit> rows;
};

}  // namespace forksafe::binding

namespace forksafe::binding {

template <class App, ContainerPolicy Policy, std::size_t Row>
consteval ErasedApplication::Raise erased_row() {
  if constexpr (Policy::wiring[Row].support == Support::absent) {
    return nullptr;
  } else {
    return [](HostedApplication& application, Facts const& facts) noexcept {
      static_cast<App&>(application).template emit_row<Policy, Row>(make_event<EventAt<Policy::wiring[Row].event>>(facts));
    };
  }
}

template <class App>
consteval auto erased_handler() -> Response (*)(HostedApplication&, Request const&) noexcept {
  if constexpr (App::handles_requests) {
    return [](HostedApplication& application, Request const& request) noexcept {
      return static_cast<App&>(application).handle(request);
    };
  } else {
    return nullptr;
  }
}

}  // namespace forksafe::binding

export namespace forksafe::binding {

/// The table of an application in the container of its policy.
template <class App>
inline constexpr ErasedApplication erased = []<std::size_t... Rows>(std::index_sequence<Rows...>) {
  return ErasedApplication{[](std::string_view name) -> HostedApplication* { return new App{name}; },
                           [](HostedApplication& application) { static_cast<App&>(application).load(); },
                           erased_handler<App>(),
                           {erased_row<App, typename App::policy, Rows>()...}};
}(std::make_index_sequence<App::policy::wiring.size()>{});

/// A hook that raises each of `Events`, kept in a variable.
template <ContainerPolicy Policy, ApplicationEvent... Events>
class SomeHook {
 public:
  template <Text Hook>
    requires(Wires<Policy, Events, Hook> && ...)
  static consteval SomeHook of() {
    SomeHook hook;
    ((hook.rows_[event_index<Events>] = wire_of<Policy, Events, Hook>()), ...);
    return hook;
  }

  template <ApplicationEvent Event>
    requires(std::same_as<Event, Events> || ...)
  [[nodiscard]] constexpr std::size_t row() const noexcept {
    return rows_[event_index<Event>];
  }

 private:
  constexpr SomeHook() = default;

  /// By the event's index.
  std::size_t rows_[event_count]{};
};

/// The application of this process, once it is made; `List` is the binding's Raises. Has no destructor that would run in a
/// child.
template <CompleteBinding List>
class Hosted {
 public:
  using policy = typename List::policy;

  constexpr Hosted() noexcept = default;
  constexpr explicit Hosted(ErasedApplication const& table) noexcept : table_(&table) {}

  /// Makes the application, which is never destroyed. Exceptions of its constructor go to the caller.
  HostedApplication& make(std::string_view name) { return *(application_ = table_->make(name)); }
  void load() const { table_->load(*application_); }
  [[nodiscard]] bool is_made() const noexcept { return application_ != nullptr; }
  [[nodiscard]] HostedApplication& application() const noexcept { return *application_; }

  [[nodiscard]] bool handles_requests() const noexcept { return table_->handle != nullptr; }
  [[nodiscard]] Response handle(Request const& request) const noexcept { return table_->handle(*application_, request); }

  /// Raises `Event`, because the container has called `Hook`.
  template <Text Hook, ApplicationEvent Event>
    requires Wires<policy, Event, Hook>
  void raise(Facts const& facts) const noexcept {
    static_assert(List::template has<Hook, Event>, "name the hook and the event in the binding's Raises");
    table_->rows[wire_of<policy, Event, Hook>()](*application_, facts);
  }
  template <ApplicationEvent Event, class... Events>
  void raise(SomeHook<policy, Events...> const& hook, Facts const& facts) const noexcept {
    table_->rows[hook.template row<Event>()](*application_, facts);
  }

 private:
  ErasedApplication const* table_ = nullptr;
  HostedApplication* application_ = nullptr;
};

}  // namespace forksafe::binding
