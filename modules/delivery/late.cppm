// SPDX-License-Identifier: MIT
export module forksafe:late;

import :report;
import :subscriber;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

class LateSubscribers;

/// A callable that can be subscribed at run time: it is called with the event, and returns nothing.
template <class Callable, class Event>
concept CallableWith = (std::invocable<Callable&, Event const&> ||
                        because("let it take the event by const reference: `[](Event const& event) { ... }`")) &&
                       (std::is_void_v<std::invoke_result_t<Callable&, Event const&>> ||
                        because("let it return nothing: what it returns is dropped, and a coroutine would never run; it "
                                "throws to fail"));

}  // namespace forksafe

export namespace forksafe {

/// Returned when subscribing at run time. Copyable; outliving it changes nothing: only unsubscribe() does.
class Subscription {
 public:
  /// Ends the subscription: the callable hears nothing more. Does nothing when called again.
  void unsubscribe() noexcept;

 private:
  friend class LateSubscribers;
  Subscription(LateSubscribers& subscribers, std::uint64_t number) : subscribers_(&subscribers), number_(number) {}
  LateSubscribers* subscribers_;
  std::uint64_t number_;
};

}  // namespace forksafe

namespace forksafe {

/// A callable, and its name in every view.
struct RuntimeCallable {
  std::string name;
  std::function<void(EventContext const&)> call;
};

struct RuntimeSubscriber {
  std::uint64_t number;
  std::size_t event;
  std::string key;
  Phase phase;
  /// Null once it is unsubscribed. Shared, for a call outlives its place in the list: the callable may subscribe others.
  std::shared_ptr<RuntimeCallable> callable;
  std::chrono::milliseconds deadline = default_deadline;
  /// Whether the debug object names it.
  bool shown = true;
  /// The number of the latest delivery that it has heard.
  std::uint64_t delivery = 0;
};

/// The subscribers of run time, in the order in which they subscribed. A place is emptied at once and dropped when no delivery
/// walks the list.
class LateSubscribers {
 public:
  /// Puts the callable in the place of the one with the same event and key, or after all others.
  Subscription add(std::size_t event, std::string key, Phase phase, std::function<void(EventContext const&)> callable,
                   std::chrono::milliseconds deadline, bool shown);
  void remove(std::uint64_t number) noexcept;

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] std::vector<RuntimeSubscriber>& all() noexcept { return all_; }
  [[nodiscard]] std::vector<RuntimeSubscriber> const& all() const noexcept { return all_; }

  /// Called before each delivery; returns its number, from 1.
  std::uint64_t begin_delivery() noexcept;
  void end_delivery() noexcept;

  static std::uint64_t number_of(Subscription const& subscription) noexcept { return subscription.number_; }

 private:
  void drop_empty() noexcept;

  std::vector<RuntimeSubscriber> all_{};
  std::size_t deliveries_ = 0;
  std::uint64_t last_delivery_ = 0;
  std::uint64_t last_subscription_ = 0;
};

/// The events that this process has heard and hears once, kept for late subscribers.
class PassedEvents {
 public:
  struct Passed {
    std::uint64_t generation = 0;
    std::size_t row = 0;
    EventContext event_context{};
  };

  /// Returns null if this process has not heard it.
  [[nodiscard]] Passed const* find(std::size_t event) const noexcept;
  void remember(std::size_t event, std::size_t row, EventContext const& event_context) noexcept;

 private:
  std::array<Passed, event_count> passed_{};
};

/// Returns the subscribers of this process as views show them: those of the report and the late ones, phase by phase.
[[nodiscard]] std::vector<SubscribedRow> subscribed_rows(Report const& report, LateSubscribers const& late);

}  // namespace forksafe
