// SPDX-License-Identifier: MIT
export module forksafe:delivery;

import :context;
import :late;
import :subscriber;
import forksafe.base;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// The data that the delivery of an event depends on, beside the event itself.
struct EventTraits {
  std::size_t index;
  EventNature nature;
};

template <ApplicationEvent Event>
inline constexpr EventTraits event_traits{event_index<Event>, Event::nature};

/// One event on its way through the subscribers of one process: decides whether it is heard at all (each worker hears an event
/// once, however often it is announced), watches the deadlines, records, and carries out what a failure means.
class Delivery {
 public:
  /// `only` is the number of the one late subscriber that is to hear it; 0 stands for all.
  Delivery(DeliveryContext& context, EventContext& event_context, EventTraits const& event, std::size_t row,
           std::uint64_t only = 0) noexcept;
  Delivery(Delivery const&) = delete;
  Delivery& operator=(Delivery const&) = delete;
  /// Lets the late subscribers hear the event, records it, and ends the process if a failure demands it.
  ~Delivery();

  /// Whether the event is to be heard: false for a second announcement of the same.
  explicit operator bool() const noexcept { return wanted_; }

  /// Called before a subscriber of the compile-time list: lets the late subscribers of the phases before it hear the event.
  void reach(Phase phase) noexcept {
    if (!context_.late.empty()) hear_before(phase);
  }
  /// Called around each subscriber.
  void start(std::string_view subscriber, std::chrono::milliseconds deadline) noexcept;
  void finish() noexcept;
  /// Called instead of finish(), in a handler: the subscriber threw.
  void caught() noexcept;

  [[nodiscard]] bool failed() const noexcept { return failed_; }

  /// Ends the process or only logs, when a subscriber did not return in time or calls exit(). In signal context.
  static void interrupted(Outcome outcome) noexcept;
  /// Returns when overdue() has to run for the subscriber that this process is inside of; never if it is inside none.
  [[nodiscard]] static SteadyTime due() noexcept;
  /// Warns of a container's limit, or interrupts a subscriber that has outlasted its deadline. In signal context.
  static void overdue() noexcept;
  /// Whether this process is inside a subscriber right now.
  [[nodiscard]] static bool under_way() noexcept;

 private:
  [[nodiscard]] bool is_wanted() const noexcept;
  [[nodiscard]] bool must_exit(Outcome outcome) const noexcept;
  [[nodiscard]] SteadyTime next_moment() const noexcept;
  void warn() noexcept;
  void fail(std::string_view reason) noexcept;
  void end(Outcome outcome) noexcept;
  void hear_before(Phase phase) noexcept;
  void hear_next_phase() noexcept;
  void hear_the_rest() noexcept;
  void hear_at_run_time(std::size_t index) noexcept;
  void record() noexcept;
  [[noreturn]] void exit_for_replacement() noexcept;

  /// The innermost event on its way, and the process that it belongs to.
  static inline constinit Delivery* current_ = nullptr;
  static inline constinit std::uint64_t current_generation_ = 0;

  /// The first, so that all else is over when errno is restored.
  base::ErrnoGuard kept_errno_;
  DeliveryContext& context_;
  EventContext& event_context_;
  EventTraits event_;
  std::size_t row_;
  std::uint64_t only_;
  bool wanted_;
  std::uint64_t number_ = 0;
  /// The number of phases in which the late subscribers have heard the event.
  std::size_t phases_heard_ = 0;
  bool failed_ = false;
  bool anyone_heard_ = false;
  std::string_view subscriber_{};
  /// Whether subscriber_ is being called: what a signal handler asks first.
  std::atomic<bool> inside_{false};
  std::chrono::milliseconds deadline_{};
  SteadyTime due_{};
  /// The time when the container's limit is near, and whether a warning was given.
  SteadyTime warning_ = SteadyTime::max();
  std::atomic<bool> warned_{true};
  /// The time when the latest subscriber was called, and when it returned: the next one's beginning.
  SteadyTime started_{};
  SteadyTime finished_{};
  /// Its record in the journal.
  std::uint64_t ticket_ = 0;
  Delivery* outer_;
};

/// Lets one late subscriber hear an event that has passed in this process.
void hear_late(DeliveryContext& context, Subscription const& subscription, EventTraits const& event,
               EventContext& event_context) noexcept;

}  // namespace forksafe
