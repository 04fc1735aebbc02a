// SPDX-License-Identifier: MIT
export module forksafe:hosted;

import :application;
import :context;
import :request;
import :response;
import :late;
import :subscriber;
import :traits;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

export namespace forksafe {

/// The application as its container's binding sees it, with what the container tells of itself.
class HostedApplication : public Application {
 public:
  /// Reads the settings: the file (FORKSAFE_SETTINGS where `location` is empty), then the environment. A binding adds
  /// its container's options after that. Throws SettingsError.
  void configure(std::string_view location);

  /// Chooses what happens to a worker in which a subscriber failed, where the list of components does not decide it.
  void on_failure(Failure choice) noexcept { context_.on_failure = choice; }

  /// The container is there and does its part: the debug object shows the report's status.
  void mark_configured();
  /// The container was started without what the policy requires.
  void mark_misconfigured(Requirement const& requirement);
  /// Logs that the container that was looked for first is not this one. For bindings of an AutoPolicy.
  void mark_unavailable(std::string_view environment, std::string_view reason = {});
  /// Adds a line to the log and the debug object: how this start of the container differs from what the policy says.
  void log_note(std::string_view line);
  /// Logs, where subscribers miss it, that the container has forked this process and calls no hook, and counts the fork.
  void note_unheard_fork(std::string_view software, std::string_view cure);

  /// Sets the start limit of this worker: the container kills it at `end`, because of `setting`, which must outlive the process.
  /// To be called before the first event, and again without arguments once the worker has started. While a limit is set, no
  /// deadline exceeds it; a subscriber still running after three quarters of the time is logged, and an incident if it returns.
  void set_start_limit(SteadyTime begin = {}, SteadyTime end = SteadyTime::max(), std::string_view setting = {}) noexcept;

  /// Whether a subscriber is being called in this process right now. Callable in a signal handler.
  [[nodiscard]] static bool is_in_subscriber() noexcept;

  /// Application::subscribe for bridges to other languages, which know an event by its index only. The callable may cast its
  /// argument to the event's type unless that is marked late: a late event is a plain EventContext. It may take as long as
  /// `deadline`. One that does nothing, so that the event is recorded, is not `shown` among the subscribers.
  Subscription subscribe_at(std::size_t event, std::string key, Phase phase, std::function<void(EventContext const&)> callable,
                            std::chrono::milliseconds deadline = default_deadline, bool shown = true);

 protected:
  HostedApplication(ApplicationTraits const& traits, std::string_view name);

  /// Takes over what is constant for a container that was not known when the object was made. Returns false if another one was.
  bool adopt(ApplicationTraits const& traits);

  /// Called before each event but the server's start, when all keys are expected: logs the settings that nothing reads.
  void tell_unread() noexcept;
  /// Makes the journal miss the child until it is heard of.
  void child_is_forked(ApplicationPostForkParent const& event) noexcept;
  /// Makes the journal show the child as dead, even if its process id is used again.
  void child_is_gone(ApplicationWorkerReaped const& event) noexcept;
  /// Called before each request.
  void audit_first_request() noexcept {
    if (context_.inheritance.is_due()) [[unlikely]]
      audit();
  }
  /// Logs a subscriber that threw out of a bare call. Callable in a handler only.
  static void failed_call(std::string_view subscriber, std::string_view event) noexcept;
  /// Logs a request handler that threw, and answers for it. Callable in a handler only.
  static Response failed_request(Request const& request) noexcept;

 private:
  bool is_adopted_ = false;
};

}  // namespace forksafe
