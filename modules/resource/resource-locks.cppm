// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <concepts>
#include <cstdint>
#include <thread>
#include <utility>
export module forksafe.resource:locks;

import :common;
import forksafe;

export namespace forksafe {

template <class Traits>
concept TriesToLock = requires(Traits& traits) {
  { traits.try_lock() } -> std::same_as<bool>;
} || because<"say how to take the lock without waiting: `bool try_lock();`">();
template <class Traits>
concept Unlocks = requires(Traits& traits) { traits.unlock(); } ||
                  because<"say how to release the lock: `void unlock();`, in the parent only">();
template <class Traits>
concept MakesAnew = requires(Traits& traits) {
  { traits.reset() } noexcept;
} || because<"say how the child makes the lock anew: `void reset() noexcept;`, in place and without unlocking">();

/// Traits of HoldLock.
///
/// Meaning: while `try_lock` has succeeded, no other thread is half-way through a change of what the lock guards.
/// `reset` runs in the child and constructs the lock anew in place, unlocked: the child's thread is not the one that the
/// lock knows as its owner.
template <class Traits>
concept LockTraits = TriesToLock<Traits> && Unlocks<Traits> && MakesAnew<Traits>;

/// Takes a lock before a fork, so that no other thread of the parent holds it in the child (kind K4).
template <LockTraits Traits>
class HoldLock : public Resource<HoldLock<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::locks;
  template <class Event>
  static constexpr bool may_miss = std::same_as<Event, ApplicationForkFailed>;
  using Resource<HoldLock, Traits>::Resource;

  void operator()(ApplicationPreFork const&) {
    this->or_veto([&] {
      // Half of what a hook may take, so that the veto comes before the deadline.
      auto const until = std::chrono::steady_clock::now() + this->deadline / 2;
      while (!this->traits().try_lock()) {
        if (std::chrono::steady_clock::now() > until) veto("the lock could not be had in time");
        std::this_thread::sleep_for(std::chrono::microseconds{100});
      }
      held_in_ = generation();
    });
  }
  void operator()(ApplicationPostForkParent const&) { release(); }
  void operator()(ApplicationForkFailed const&) { release(); }
  void operator()(ApplicationPostFork const& event) {
    // Where it was not held, some thread may have been inside: only what the lock guards can't be trusted then.
    if (event.forked) this->traits().reset();
    held_in_ = 0;
    this->refuse_if_vetoed();
  }

 private:
  void release() {
    this->fork_is_over();
    if (std::exchange(held_in_, 0) == generation()) this->traits().unlock();
  }

  std::uint64_t held_in_ = 0;
};

}  // namespace forksafe
