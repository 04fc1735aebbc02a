// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <type_traits>
#include <utility>
#include <vector>
export module forksafe:application;

import :report;
import :http;
import :failures;
import :name;
import :registry;
import :start_limit;
import :subscriber;
import :subscription;
import :traits;
import forksafe.audit;
import forksafe.journal;
import forksafe.policy;

namespace forksafe {

/// What the delivery of an event depends on, beside the event itself.
struct EventTraits {
  std::size_t index;
  EventNature nature;
};

template <ApplicationEvent Event>
inline constexpr EventTraits event_traits{event_index<Event>, Event::nature};

}  // namespace forksafe

export namespace forksafe {

/// The part of an application that does not depend on its subscribers: registry, debug object, run-time subscriptions.
///
/// One per process, made before the first fork and never destroyed: a child must not run its parent's destructors.
/// Not thread-safe: use it from hooks, from `load` and from the request handler's thread.
class Application {
 public:
  Application(ApplicationTraits const& traits, std::string_view name);
  Application(Application const&) = delete;
  Application& operator=(Application const&) = delete;

  [[nodiscard]] Registry& registry() noexcept { return registry_; }

  /// What the processes of this server have done: for programs that want more of it than the debug object shows.
  [[nodiscard]] Journal const& journal() const noexcept { return journal_; }

  /// The report plus what has happened so far, with secrets redacted.
  [[nodiscard]] DebugObject debug() const;
  /// Its beginning, from the memory of this process: the cost does not grow with what the server has done.
  [[nodiscard]] DebugBasics basics() const { return {status_, environment_, log_, executed_hooks_}; }
  [[nodiscard]] std::string_view status() const noexcept { return status_; }

  /// Whether the container has a hook of its own for the event of this name; true as long as no container is known.
  [[nodiscard]] bool has_hook(std::string_view event) const noexcept;

  /// Lets `callable` hear the event, in its phase: after the subscribers of the compile-time list in that phase and in
  /// the order of subscribing, or before them and backwards where the event tears down.
  ///
  /// Idempotent by `key`: subscribing again replaces the callable in its place. Without a key, a function is known by
  /// its address and any other callable by its type, so that a line that runs twice subscribes once: give keys to
  /// subscribe one lambda expression several times. If this process has heard the event already (see EventNature), the
  /// callable is called at once with `late` set.
  template <ApplicationEvent Event, CallableWith<Event> Callable>
  Subscription subscribe(Callable callable, std::string_view key = {}, Phase phase = Phase::application) {
    Subscription const subscription =
        add(event_index<Event>, key.empty() ? default_key(callable) : std::string{key}, phase,
            [callable = std::move(callable)](Occurrence const& occurrence) mutable {
              callable(static_cast<Event const&>(occurrence));
            });
    if constexpr (Event::nature.heard_once) {
      if (Occurrence const* const passed = passed_here(event_index<Event>)) {
        Event event{*passed};
        hear_late(subscription, event_traits<Event>, event);
      }
    }
    return subscription;
  }

  /// The same for bridges to other languages, which know an event by its index only. The callable may cast what it gets
  /// to the event's type unless that is marked late: a late event is a plain Occurrence. It may take as long as `deadline`.
  /// One that does nothing, so that the event is recorded, is not `shown` among the subscribers.
  Subscription subscribe_at(std::size_t event, std::string key, Phase phase, std::function<void(Occurrence const&)> callable,
                            std::chrono::milliseconds deadline = default_deadline, bool shown = true);

  /// Reads the settings: the file (FORKSAFE_SETTINGS where `location` is empty), then the environment. A binding adds
  /// its container's options after that. Throws SettingsError.
  void configure(std::string_view location);

  /// What becomes of a worker in which a subscriber failed, where the list of components does not decide it.
  void on_failure(Failure choice) noexcept { on_failure_ = choice; }

  /// The container is there and does its part: the debug object says what the report promises.
  void recognised();
  /// The container that was looked for first is not this one: a line for the log. For bindings of an AutoPolicy.
  void not_available(std::string_view environment, std::string_view reason = {});
  /// A line for the log and the debug object: how this start of the container differs from what the policy says.
  void remark(std::string_view line);
  /// The container has forked this process and calls no hook: says so where subscribers miss it, and counts the fork.
  void unheard(std::string_view software, std::string_view cure);
  /// The container was started without what the policy requires.
  void complain(Requirement const& requirement);

  /// For bindings, in a worker before its first event: the container kills it unless it has started by `end`, as `setting`
  /// says, which must outlive the process. Until the next call, without arguments where it has started, each deadline ends
  /// before that, and a subscriber that is busy after three quarters of the time is logged, and an incident if it returns.
  void must_start(Moment begin = {}, Moment end = Moment::max(), std::string_view setting = {}) noexcept;

  /// In a worker: what it has inherited and should not use; also logs it, and shows it in the debug object. An inventory
  /// is taken before each fork only where FORKSAFE_AUDIT=1 was in the environment when the application was made; then
  /// the first request calls this, unless somebody has before. Without one, and when called again, it does nothing.
  void audit() noexcept;

 protected:
  /// Before each request.
  void audit_first_request() noexcept {
    if (audit_is_due_) [[unlikely]]
      audit();
  }
  /// From now on the journal misses the child until it is heard of.
  void child_is_forked(ApplicationPostForkParent const& event) noexcept;
  /// From now on the journal shows the child as dead, even if its process id is used again.
  void child_is_gone(ApplicationWorkerReaped const& event) noexcept;
  /// Takes over what is constant for a container that was not known when the object was made. False if another one was.
  bool become(ApplicationTraits const& traits);
  /// Tells of a subscriber that threw out of a bare emit. Callable in a handler only.
  static void failed_call(std::string_view subscriber, std::string_view event) noexcept;
  /// Tells of a request handler that threw, and answers for it. Callable in a handler only.
  static Response failed_request(Request const& request) noexcept;

 private:
  friend class Delivery;
  friend class Subscription;

  /// The latest event of its kind, kept for late subscribers.
  struct Passed {
    std::uint64_t generation = 0;
    std::size_t row = 0;
    Occurrence occurrence{};
  };

  template <class Callable>
  static std::string default_key(Callable const& callable) {
    if constexpr (std::is_pointer_v<Callable>) {
      return function_key(reinterpret_cast<void const*>(callable));
    } else {
      return std::string{type_name<Callable>()};
    }
  }

  /// Says which settings are read by nothing: whoever reads some has said so before the first event after the server's start.
  void tell_unread() noexcept;
  void prepare_audit();
  void profile_host();
  void take_inventory() noexcept;
  /// Callable in a signal handler.
  [[nodiscard]] std::string_view lost_in_fork() const noexcept;
  static std::string function_key(void const* function);
  Subscription add(std::size_t event, std::string key, Phase phase, std::function<void(Occurrence const&)> callable,
                   std::chrono::milliseconds deadline = default_deadline, bool shown = true);
  void remove(std::uint64_t subscription) noexcept;
  [[nodiscard]] std::vector<SubscribedRow> subscribed() const;
  [[nodiscard]] Occurrence const* passed_here(std::size_t event) const noexcept;
  void hear_late(Subscription const& subscription, EventTraits const& event, Occurrence& occurrence) noexcept;

  ApplicationTraits traits_;
  Registry registry_;
  Journal journal_;
  std::string status_{"attempting auto-configure"};
  std::optional<std::string> environment_{};
  std::vector<std::string> log_{};
  std::vector<ExecutedHook> executed_hooks_{};
  Failures failures_{};
  std::vector<RuntimeSubscriber> subscribers_{};
  /// How many deliveries may be walking that list.
  std::size_t deliveries_ = 0;
  std::array<Passed, event_count> passed_{};
  std::uint64_t last_subscription_ = 0;
  std::uint64_t last_delivery_ = 0;
  std::optional<Failure> on_failure_{};
  StartLimit start_limit_{};
  bool chosen_ = false;
  bool fork_announced_ = false;
  bool audits_ = false;
  bool audit_is_set_up_ = false;
  bool audit_is_due_ = false;
  bool audited_ = false;
  /// What a handler of signals says of a child that hangs: prepared before its fork, and not meant for the process itself.
  struct LostInFork {
    std::string text{};
    std::uint64_t parent = 0;
  } lost_in_fork_{};
  std::vector<FindingRow> findings_{};
  /// Keeps every application within reach of leak checkers, which else report what is never destroyed.
  Application* older_;
};

/// One event on its way through the subscribers of one process: decides whether it is heard at all (each worker hears
/// an event once, whoever announces it), watches the deadlines, records, and carries out what a failure means.
class Delivery {
 public:
  /// `only` is the number of the one late run-time subscriber that is to hear it; 0 means everybody.
  Delivery(Application& application, Occurrence& occurrence, EventTraits const& event, std::size_t row,
           std::uint64_t only = 0) noexcept;
  Delivery(Delivery const&) = delete;
  Delivery& operator=(Delivery const&) = delete;
  /// Lets the run-time subscribers hear the event, records it, and leaves the process if a failure demands it.
  ~Delivery();

  /// Whether the event is to be heard: not the second announcement of the same.
  explicit operator bool() const noexcept { return wanted_; }

  /// Before a subscriber of the compile-time list: lets the run-time subscribers of the phases before it hear the event.
  void reach(Phase phase) noexcept {
    if (!application_.subscribers_.empty()) hear_before(phase);
  }
  /// Around each subscriber.
  void enter(std::string_view subscriber, std::chrono::milliseconds deadline) noexcept;
  void leave() noexcept;
  /// Instead of leave(), in a handler: the subscriber threw.
  void caught() noexcept;

  [[nodiscard]] bool failed() const noexcept { return failed_; }

  /// Ends the process or only tells, when a subscriber did not return in time or calls exit(). In signal context.
  static void interrupted(Outcome outcome) noexcept;
  /// When there is something to say to the subscriber that this process is inside of; never if it is inside none.
  [[nodiscard]] static Moment due() noexcept;
  /// Says it: warns of a container's limit, or interrupts what has outlasted its deadline. In signal context.
  static void overdue() noexcept;
  /// Whether this process is inside a subscriber right now.
  [[nodiscard]] static bool under_way() noexcept;

 private:
  [[nodiscard]] bool is_wanted() const noexcept;
  [[nodiscard]] bool must_leave(Outcome outcome) const noexcept;
  [[nodiscard]] Moment next_moment() const noexcept { return warned_.load() ? due_ : std::min(due_, warning_); }
  void warn() noexcept;
  void fail(std::string_view reason) noexcept;
  void end(Outcome outcome) noexcept;
  void hear_before(Phase phase) noexcept;
  void hear_next_phase() noexcept;
  void hear_the_rest() noexcept;
  void hear_at_run_time(std::size_t index) noexcept;
  void record() noexcept;
  [[noreturn]] void leave_for_replacement() noexcept;

  /// The innermost event on its way, and the process that it belongs to.
  static inline constinit Delivery* current_ = nullptr;
  static inline constinit std::uint64_t current_generation_ = 0;

  Application& application_;
  Occurrence& occurrence_;
  EventTraits event_;
  std::size_t row_;
  std::uint64_t only_;
  int saved_errno_;
  bool wanted_;
  std::uint64_t number_ = 0;
  /// How many phases the run-time subscribers have heard the event in.
  std::size_t phases_heard_ = 0;
  bool failed_ = false;
  bool anyone_heard_ = false;
  std::string_view subscriber_{};
  /// Whether subscriber_ is being called: what a signal handler asks first.
  std::atomic<bool> inside_{false};
  std::chrono::milliseconds deadline_{};
  Moment due_{};
  /// When the container's limit is near, and whether that was said of the subscriber.
  Moment warning_ = Moment::max();
  std::atomic<bool> warned_{true};
  /// When the latest subscriber was called, and when it returned: the next one's beginning.
  Moment entered_{};
  Moment left_{};
  /// Its record in the journal.
  std::uint64_t ticket_ = 0;
  Delivery* outer_;
};

}  // namespace forksafe
