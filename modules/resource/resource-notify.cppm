// SPDX-License-Identifier: MIT
module;
#include <concepts>
export module forksafe.resource:notify;

import :common;
import forksafe;

export namespace forksafe {

template <class Traits>
concept ToldBefore = requires(Traits& traits) { traits.before_fork(); } ||
                     because<"say what to do before the fork: `void before_fork();`">();
template <class Traits>
concept ToldInParent = requires(Traits& traits) { traits.after_fork_in_parent(); } ||
                       because<"say what to do in the parent: `void after_fork_in_parent();`, also after a fork that failed">();
template <class Traits>
concept ToldInChild = requires(Traits& traits) { traits.after_fork_in_child(); } ||
                      because<"say what to do in the child: `void after_fork_in_child();`">();

/// Traits of NotifyBothSides: each call goes to the library's own function for that moment.
template <class Traits>
concept NotifyTraits = ToldBefore<Traits> && ToldInParent<Traits> && ToldInChild<Traits>;

/// Tells a library that has calls of its own for all three moments of a fork (kind K5).
template <NotifyTraits Traits>
class NotifyBothSides : public Resource<NotifyBothSides<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::event_loops;
  template <class Event>
  static constexpr bool may_miss = std::same_as<Event, ApplicationForkFailed>;
  using Resource<NotifyBothSides, Traits>::Resource;

  void operator()(ApplicationPreFork const&) {
    this->or_veto([&] { this->traits().before_fork(); });
  }
  void operator()(ApplicationPostForkParent const&) { return_to_parent(); }
  void operator()(ApplicationForkFailed const&) { return_to_parent(); }
  void operator()(ApplicationPostFork const& event) {
    if (event.forked) this->traits().after_fork_in_child();
    this->refuse_if_vetoed();
  }

 private:
  void return_to_parent() {
    this->fork_is_over();
    this->traits().after_fork_in_parent();
  }
};

/// Tells a library that has a call for the child only (kind K6).
template <ToldInChild Traits>
class NotifyChildOnly : public Resource<NotifyChildOnly<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::event_loops;
  using Resource<NotifyChildOnly, Traits>::Resource;

  void operator()(ApplicationPostFork const& event) {
    if (event.forked) this->traits().after_fork_in_child();
  }
};

/// Makes the parent clean before it forks, so that there is nothing to repair (kind K8).
template <ToldBefore Traits>
class PreForkOnly : public Resource<PreForkOnly<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::detach;
  using Resource<PreForkOnly, Traits>::Resource;

  void operator()(ApplicationPreFork const&) {
    this->or_veto([&] { this->traits().before_fork(); });
  }
  void operator()(ApplicationPostForkParent const&) { this->fork_is_over(); }
  void operator()(ApplicationPostFork const&) { this->refuse_if_vetoed(); }
};

}  // namespace forksafe
