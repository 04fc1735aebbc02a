// SPDX-License-Identifier: MIT
export module forksafe:application;

import :context;
import :delivery;
import :late;
import :registry;
import :report;
import :subscriber;
import :traits;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

export namespace forksafe {

/// The application as its author sees it: registry, subscriptions at run time, debug object. HostedApplication is the side that
/// containers' bindings see.
///
/// One per process, made before the first fork and never destroyed: a child must not run its parent's destructors.
/// Not thread-safe: use it from hooks, from `load` and from the request handler's thread.
class Application {
 public:
  Application(Application const&) = delete;
  Application& operator=(Application const&) = delete;

  [[nodiscard]] Registry& registry() noexcept { return registry_; }

  /// Returns what the processes of this server have done: for programs that want more of it than the debug object shows.
  [[nodiscard]] Journal const& journal() const noexcept { return context_.journal; }

  /// Returns the report plus what has happened so far, with secrets redacted.
  [[nodiscard]] DebugObject debug() const;
  /// Returns the begin of debug(), from the memory of this process: the cost does not grow with what the server has done.
  [[nodiscard]] DebugBasics basics() const { return {status_, environment_, log_, context_.executed_hooks}; }
  [[nodiscard]] std::string_view status() const noexcept { return status_; }

  /// Whether the container has its own hook for the event of this name; true as long as no container is known.
  [[nodiscard]] bool has_hook(std::string_view event) const noexcept;

  /// Lets `callable` hear the event, in its phase: after the subscribers of the compile-time list in that phase and in the
  /// order of subscribing, or before them and backwards where the event tears down.
  ///
  /// Idempotent by `key`: subscribing again replaces the callable in its place. Without a key, a function is known by
  /// its address and any other callable by its type, so that a line that runs twice subscribes once: give keys to
  /// subscribe one lambda expression several times. If this process has heard the event already (see EventNature), the
  /// callable is called at once with `late` set.
  template <ApplicationEvent Event, CallableWith<Event> Callable>
  Subscription subscribe(Callable callable, std::string_view key = {}, Phase phase = Phase::application) {
    Subscription const subscription = context_.late.add(
        event_index<Event>, key.empty() ? default_key(callable) : std::string{key}, phase,
        [callable = std::move(callable)](EventContext const& event_context) mutable {
          callable(static_cast<Event const&>(event_context));
        },
        default_deadline, true);
    if constexpr (Event::nature.heard_once) {
      if (auto const* const passed = context_.passed.find(event_index<Event>)) {
        Event event{passed->event_context};
        hear_late(context_, subscription, event_traits<Event>, event);
      }
    }
    return subscription;
  }

  /// Audits, in a worker, what it has inherited and should not use; also logs it, and shows it in the debug object. An
  /// inventory is taken before each fork only where FORKSAFE_AUDIT=1 was in the environment when the application was made; then
  /// the first request calls this, unless it was called before. Without an inventory, and when called again, it does nothing.
  void audit() noexcept { context_.inheritance.audit(); }

 protected:
  Application(ApplicationTraits const& traits, std::string_view name);

  Registry registry_;
  DeliveryContext context_;
  std::string status_{"attempting auto-configure"};
  std::optional<std::string> environment_{};
  std::vector<std::string> log_{};

 private:
  template <class Callable>
  static std::string default_key(Callable const& callable) {
    if constexpr (std::is_pointer_v<Callable>) {
      return function_key(reinterpret_cast<void const*>(callable));
    } else {
      return std::string{type_name<Callable>()};
    }
  }
  static std::string function_key(void const* function);

  /// Keeps every application within reach of leak checkers, which otherwise report what is never destroyed.
  Application* older_;
};

}  // namespace forksafe
