// SPDX-License-Identifier: MIT
export module forksafe.resource:notify;

import :resource;
import :signal_hold;
import :traits;
import forksafe;
import forksafe.audit;
import forksafe.std;

namespace forksafe {

template <class Traits>
concept HasBeforeFork =
    requires(Traits& traits) { traits.before_fork(); } || because("say what to do before the fork: `void before_fork();`");
template <class Traits>
concept HasAfterForkInParent = requires(Traits& traits) {
  traits.after_fork_in_parent();
} || because("say what to do in the parent: `void after_fork_in_parent();`, also after a fork that failed");
template <class Traits>
concept HasAfterForkInChild = requires(Traits& traits) { traits.after_fork_in_child(); } ||
                              because("say what to do in the child: `void after_fork_in_child();`");

}  // namespace forksafe

export namespace forksafe {

/// Traits of NotifyBothSides: each call goes to the library's own function for that moment.
///
/// Meaning:
///  - `before_fork()` has undone its own part where it throws: `after_fork_in_parent()` does not follow then;
///  - `after_fork_in_child()` runs once in each child, also after an unannounced fork, where `before_fork()` did not run;
///  - optional `int descriptor()`: returns that of the event loop itself, so that the audit can name its owner.
template <class Traits>
concept NotifyTraits =
    HasBeforeFork<Traits> && HasAfterForkInParent<Traits> && HasAfterForkInChild<Traits> && WellFormedDescriptor<Traits>;

}  // namespace forksafe

namespace forksafe {

/// Tells a library, once in each child, that it lives in another process now.
template <class Self, class Traits>
class NotifiedOncePerProcess : public Resource<Self, Traits> {
 public:
  explicit NotifiedOncePerProcess(Registry& registry) : Resource<Self, Traits>(registry), notified_in_(generation()) { tag(); }

  void listed_as(std::string_view name) {
    Resource<Self, Traits>::listed_as(name);
    tag();
  }

  /// Returns the traits object, usable in this process, also after an unannounced fork.
  [[nodiscard]] Traits& get() {
    if (notified_in_ != generation()) {
      this->traits().after_fork_in_child();
      notified_in_ = generation();
      tag();
    }
    return this->traits();
  }

 private:
  void tag() {
    if constexpr (requires(Traits& traits) {
                    { traits.descriptor() } -> std::same_as<int>;
                  })
      owned_ = own_descriptor(this->traits().descriptor(), this->shown_as());
  }

  std::uint64_t notified_in_;
  Declaration owned_{};
};

}  // namespace forksafe

export namespace forksafe {

/// Tells a library that has its own calls for all three moments of a fork (kind K5). Signals are held from the first of them to
/// the last in each process: see SignalHold.
template <NotifyTraits Traits>
class NotifyBothSides : public NotifiedOncePerProcess<NotifyBothSides<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::event_loops;
  using NotifiedOncePerProcess<NotifyBothSides, Traits>::NotifiedOncePerProcess;

  void operator()(ApplicationPreFork const&) {
    this->or_veto([this] {
      Traits& library = this->get();
      signals_.begin();
      library.before_fork();
      notified_before_ = true;
    });
  }
  void operator()(ApplicationPostForkParent const&) { return_to_parent(); }
  void operator()(ApplicationForkFailed const&) { return_to_parent(); }
  void operator()(ApplicationPostFork const&) {
    EndOfHold const end_of_hold{signals_};
    static_cast<void>(this->get());
    notified_before_ = false;
    this->refuse_if_vetoed();
  }

 private:
  void return_to_parent() {
    EndOfHold const end_of_hold{signals_};
    this->fork_is_over();
    if (std::exchange(notified_before_, false)) this->traits().after_fork_in_parent();
  }

  SignalHold signals_{};
  bool notified_before_ = false;
};

/// Tells a library that has a call for the child only (kind K6). Signals are held from before the fork until the child has
/// been told: see SignalHold.
template <HasAfterForkInChild Traits>
  requires WellFormedDescriptor<Traits>
class NotifyChildOnly : public NotifiedOncePerProcess<NotifyChildOnly<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::event_loops;
  /// Where a container does not announce a fork before it happens, no signal is held.
  template <class Event>
  static constexpr bool may_miss = !std::same_as<Event, ApplicationPostFork>;
  using NotifiedOncePerProcess<NotifyChildOnly, Traits>::NotifiedOncePerProcess;

  void operator()(ApplicationPreFork const&) { signals_.begin(); }
  void operator()(ApplicationPostForkParent const&) { signals_.end(); }
  void operator()(ApplicationForkFailed const&) { signals_.end(); }
  void operator()(ApplicationPostFork const&) {
    EndOfHold const end_of_hold{signals_};
    static_cast<void>(this->get());
  }

 private:
  SignalHold signals_{};
};

/// Makes the parent clean before it forks, so that there is nothing to repair (kind K8).
template <HasBeforeFork Traits>
class PreForkOnly : public Resource<PreForkOnly<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::detach;
  using Resource<PreForkOnly, Traits>::Resource;

  void operator()(ApplicationPreFork const&) {
    this->or_veto([this] { this->traits().before_fork(); });
  }
  void operator()(ApplicationPostForkParent const&) { this->fork_is_over(); }
  void operator()(ApplicationForkFailed const&) { this->fork_is_over(); }
  void operator()(ApplicationPostFork const&) { this->refuse_if_vetoed(); }
};

}  // namespace forksafe
