// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
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

export namespace forksafe {

/// An application as its container's binding sees it: what the container tells of itself is kept here.
class HostedApplication : public Application {
 public:
  /// Reads the settings: the file (FORKSAFE_SETTINGS where `location` is empty), then the environment. A binding adds
  /// its container's options after that. Throws SettingsError.
  void configure(std::string_view location);

  /// What becomes of a worker in which a subscriber failed, where the list of components does not decide it.
  void on_failure(Failure choice) noexcept { context_.on_failure = choice; }

  /// The container is there and does its part: the debug object says what the report promises.
  void mark_configured();
  /// The container was started without what the policy requires.
  void mark_misconfigured(Requirement const& requirement);
  /// The container that was looked for first is not this one: a line for the log. For bindings of an AutoPolicy.
  void mark_unavailable(std::string_view environment, std::string_view reason = {});
  /// A line for the log and the debug object: how this start of the container differs from what the policy says.
  void log_note(std::string_view line);
  /// The container has forked this process and calls no hook: says so where subscribers miss it, and counts the fork.
  void note_unheard_fork(std::string_view software, std::string_view cure);

  /// Sets the start limit of this worker: the container kills it at `end`, because of `setting`, which must outlive the process.
  /// To be called before the first event, and again without arguments once the worker has started. While a limit is set, no
  /// deadline exceeds it; a subscriber still running after three quarters of the time is logged, and an incident if it returns.
  void set_start_limit(Moment begin = {}, Moment end = Moment::max(), std::string_view setting = {}) noexcept;

  /// Whether a subscriber is being called in this process right now. Callable in a signal handler.
  [[nodiscard]] static bool is_in_subscriber() noexcept;

  /// Application::subscribe for bridges to other languages, which know an event by its index only. The callable may cast what
  /// it gets to the event's type unless that is marked late: a late event is a plain Occurrence. It may take as long as
  /// `deadline`. One that does nothing, so that the event is recorded, is not `shown` among the subscribers.
  Subscription subscribe_at(std::size_t event, std::string key, Phase phase, std::function<void(Occurrence const&)> callable,
                            std::chrono::milliseconds deadline = default_deadline, bool shown = true);

 protected:
  HostedApplication(ApplicationTraits const& traits, std::string_view name);

  /// Takes over what is constant for a container that was not known when the object was made. False if another one was.
  bool adopt(ApplicationTraits const& traits);

  /// Before each event but the server's start: says which settings are read by nothing, for whoever reads some has said so.
  void tell_unread() noexcept;
  /// From now on the journal misses the child until it is heard of.
  void child_is_forked(ApplicationPostForkParent const& event) noexcept;
  /// From now on the journal shows the child as dead, even if its process id is used again.
  void child_is_gone(ApplicationWorkerReaped const& event) noexcept;
  /// Before each request.
  void audit_first_request() noexcept {
    if (context_.inheritance.is_due()) [[unlikely]]
      audit();
  }
  /// Tells of a subscriber that threw out of a bare call. Callable in a handler only.
  static void failed_call(std::string_view subscriber, std::string_view event) noexcept;
  /// Tells of a request handler that threw, and answers for it. Callable in a handler only.
  static Response failed_request(Request const& request) noexcept;

 private:
  bool is_adopted_ = false;
};

}  // namespace forksafe
