// SPDX-License-Identifier: MIT
export module forksafe:fork_safe_app;

import :application;
import :delivery;
import :gate;
import :hosted;
import :late;
import :tables;
import :report;
import :handler;
import :request;
import :response;
import :listed;
import :registry;
import :subscriber;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

template <class Policy>
consteval AuditProfile const* audit_profile_of() {
  if constexpr (requires { Policy::audit_profile.descriptors; }) {
    return &Policy::audit_profile;
  } else {
    return nullptr;
  }
}

}  // namespace forksafe

export namespace forksafe {

/// An application that is safe inside the pre-forking server that `Policy` describes.
///
/// `Components` are subscribers (types with `operator()(Event const&)`), at most one of them also a request handler
/// and any number of them interceptors, wrapped in IfEmitted<> where they listen to more than the container raises, and options
/// such as OnFailure<>.
/// One object per process, made by the container's generated entry point; it is never destroyed.
template <ContainerPolicy Policy, ComponentOf<Policy>... Components>
class ForkSafeApp : public HostedApplication {
  template <class As>
  using TablesAs = forksafe::Tables<As, Components...>;
  using Tables = TablesAs<Policy>;
  static_assert(Tables::handling.size <= 1, "two components declare `handle`: one application answers requests in one place");

 public:
  using policy = Policy;

  /// The static auto-configure report of the application in the container that `As` describes.
  template <ContainerPolicy As>
  static constexpr Report report_as{As::status,      As::environment,           As::log,
                                    wiring_rows<As>, TablesAs<As>::subscribers, required_options<As>};

  /// The static auto-configure report.
  static constexpr Report report = report_as<Policy>;

  /// Whether one of the components answers HTTP requests.
  static constexpr bool handles_requests = Tables::handling.size + Tables::intercepting.size != 0;

  explicit ForkSafeApp(std::string_view name) : HostedApplication(traits_as<Policy>, name), leaves_(*this) {}

  /// Calls every subscriber of the compile-time list that hears the event, in order: direct calls and nothing else. Logs what a
  /// subscriber throws, and calls the next one.
  template <ApplicationEvent Event>
  void call_subscribers(Event const& event) noexcept {
    call_each(event, Audience<Event>{});
  }

  /// For bindings: the container has called `Hook`. Fills in what every event carries, then lets compile-time and
  /// run-time subscribers hear it once, watched, and records it. May end the process where a failure demands it.
  template <Text Hook, ApplicationEvent Event>
    requires Wires<Policy, Event, Hook>
  void emit(Event event) noexcept {
    emit_as<Policy, Hook>(std::move(event));
  }

  /// The same where the policy is an AutoPolicy, for the container that was chosen.
  template <ContainerPolicy As, Text Hook, ApplicationEvent Event>
    requires Wires<As, Event, Hook>
  void emit_as(Event event) noexcept {
    emit_row<As, wire_of<As, Event, Hook>()>(std::move(event));
  }

  /// The same by the row of the wiring.
  template <ContainerPolicy As, std::size_t Row, ApplicationEvent Event>
    requires(As::wiring[Row].event == event_index<Event> && As::wiring[Row].support != Support::absent)
  void emit_row(Event event) noexcept {
    if constexpr (std::same_as<Event, ApplicationWorkerExit>) {
      // The delivery comes after it, because the first subscriber's time begins there, and ends before it, because the last
      // subscribers hear the event there.
      [[maybe_unused]] typename GateOf::Closing const closing{gate_};
      deliver<As, Row>(event);
    } else {
      deliver<As, Row>(event);
    }
  }

  /// For bindings: chooses the container that `As` describes, one of an AutoPolicy's. To be called before its first event.
  /// Returns false, and changes nothing, where another one was chosen before.
  template <ContainerPolicy As>
    requires OneOf<As, Policy>
  bool choose() {
    return adopt(traits_as<As>);
  }

  /// For bindings: the container loads the application now. Calls `load` of the components that have one, in phase order; their
  /// exceptions go to the caller.
  void load() {
    [&]<std::size_t... Position>(std::index_sequence<Position...>) {
      (load_one<Tables::loading.at[Position]>(), ...);
    }(Positions<Tables::loading.size>{});
  }

  /// Lets the interceptors answer, else the request handler; without one, a request that none intercepts is answered with 404.
  /// An exception becomes 500 and a line in the log, and so does an answer that cannot be sent. Where handlers may be called from
  /// several threads, a request that comes once ApplicationWorkerExit is raised is answered with 503.
  [[nodiscard]] Response handle(Request const& request) noexcept
    requires(handles_requests)
  {
    audit_first_request();
    typename GateOf::Passage const passage{gate_};
    try {
      if (!passage) [[unlikely]]
        return Response::plain(503, "Service Unavailable\n");
      Response response = answer(request);
      make_sendable(response);
      return response;
    } catch (...) {
      return failed_request(request);
    }
  }

  /// Subscribes at run time, to events that the container raises.
  template <ApplicationEvent Event, CallableWith<Event> Callable>
    requires(emits<Policy, Event> ||
             because("this container never raises this event: choose another event, or ask `emits` first"))
  Subscription subscribe(Callable callable, std::string_view key = {}, Phase phase = Phase::application) {
    return Application::subscribe<Event>(std::move(callable), key, phase);
  }

 private:
  template <class As>
  static constexpr ApplicationTraits traits_as{&report_as<As>,         As::wiring,    As::name,
                                               Tables::on_failure,     As::leave,     hook_suffix<As>(),
                                               audit_profile_of<As>(), words_of<As>()};

  template <class As, class Event>
  using AudienceAs = typename TablesAs<As>::template Audience<Event>;
  template <class Event>
  using Audience = AudienceAs<Policy, Event>;
  template <std::size_t Size>
  using Positions = std::make_index_sequence<Size>;
  using GateOf = typename Doorway<Policy::handler_calls>::type;

  template <ContainerPolicy As, std::size_t Row, class Event>
  void deliver(Event& event) noexcept {
    Delivery delivery{context_, event, event_traits<Event>, Row};
    if (!delivery) return;
    if constexpr (!std::same_as<Event, ApplicationServerStarting>) tell_unread();
    // An event about a child is raised in its parent.
    if constexpr (requires { event.child; }) event.child.parent = event.process.pid;
    if constexpr (std::same_as<Event, ApplicationPostForkParent>) child_is_forked(event);
    if constexpr (std::same_as<Event, ApplicationWorkerReaped>) child_is_gone(event);
    call_each_watched(event, delivery, AudienceAs<As, Event>{});
  }

  Response answer(Request const& request) {
    if (auto intercepted = intercept(request, Positions<Tables::intercepting.size>{})) return *std::move(intercepted);
    if constexpr (Tables::handling.size != 0) {
      return alone<Tables::handling.at[0]>(request, [&] { return leaf<Tables::handling.at[0]>(leaves_).handle(request); });
    } else {
      return Response::plain(404, "Not Found\n");
    }
  }

  template <std::size_t... Position>
  std::optional<Response> intercept([[maybe_unused]] Request const& request, std::index_sequence<Position...>) {
    std::optional<Response> response;
    static_cast<void>(((response = alone<Tables::intercepting.at[Position]>(
                            request, [&] { return leaf<Tables::intercepting.at[Position]>(leaves_).intercept(request); }),
                        response.has_value()) ||
                       ...));
    return response;
  }

  /// Reading a body may let another request of this thread go on, which would never get a lock that this one holds.
  template <std::size_t Index, class Call>
  auto alone([[maybe_unused]] Request const& request, Call call) {
    if constexpr (Tables::components[Index].serialised) {
      static_cast<void>(request.body());
      std::lock_guard const lock{serialising_};
      return call();
    } else {
      return call();
    }
  }

  template <std::size_t Index>
  void load_one() {
    Asking const asking{registry(), Tables::components[Index].name};
    leaf<Index>(leaves_).load(static_cast<Application&>(*this));
  }

  // Always inlined, and not a lambda: what a lambda captures is stored, and loaded again before each call.
  template <class Event, std::size_t... Indices>
  [[gnu::always_inline]] void call_each([[maybe_unused]] Event const& event, std::index_sequence<Indices...>) noexcept {
    (call<Indices>(event), ...);
  }

  template <class Event, std::size_t... Indices>
  void call_each_watched([[maybe_unused]] Event const& event, [[maybe_unused]] Delivery& delivery,
                         std::index_sequence<Indices...>) noexcept {
    (call_watched<Indices>(event, delivery), ...);
  }

  template <std::size_t Index, class Event>
  void call(Event const& event) noexcept {
    if constexpr (noexcept(leaf<Index>(leaves_)(event))) {
      leaf<Index>(leaves_)(event);
    } else {
      try {
        leaf<Index>(leaves_)(event);
      } catch (...) {
        failed_call(Tables::components[Index].name, event_name<Event>);
      }
    }
  }

  template <std::size_t Index, class Event>
  void call_watched(Event const& event, Delivery& delivery) noexcept {
    delivery.reach(Tables::components[Index].phase);
    delivery.start(Tables::components[Index].name, Tables::components[Index].deadline);
    try {
      leaf<Index>(leaves_)(event);
      delivery.finish();
    } catch (...) {
      delivery.caught();
    }
  }

  GateOf gate_{};
  // A handler may ask its own application again.
  std::recursive_mutex serialising_{};
  Leaves<std::index_sequence_for<Components...>, typename Place<Components>::type...> leaves_;
};

/// The application that forksafe_add_app builds an artefact of.
template <class Type>
concept RunnableApp =
    (std::derived_from<Type, Application> && requires { typename Type::policy; }) ||
    because("TYPE of forksafe_add_app names the application, an alias of forksafe::ForkSafeApp<...>, and none "
            "of its components");

}  // namespace forksafe
