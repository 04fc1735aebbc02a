// SPDX-License-Identifier: MIT
export module forksafe.resource:locks;

import :resource;
import :traits;
import :veto;
import :waiting;
import forksafe;
import forksafe.std;

namespace forksafe {

template <class Traits>
concept TriesToLock = requires(Traits& traits) {
  { traits.try_lock() } -> std::same_as<bool>;
} || because("say how to take the lock without waiting: `bool try_lock();`");
template <class Traits>
concept Unlocks = requires(Traits& traits) { traits.unlock(); } ||
                  because("say how to release the lock: `void unlock();`, in the parent only");
template <class Traits>
concept MakesAnew = requires(Traits& traits) {
  { traits.reset() } noexcept;
} || because("say how the child makes a new lock: `void reset() noexcept;`, in place and without unlocking");

}  // namespace forksafe

export namespace forksafe {

/// Traits of HoldLock.
///
/// Meaning: while `try_lock` has succeeded, no other thread is half-way through a change of what the lock guards. `reset` runs
/// in the child and constructs the lock again in place, unlocked: the child's thread is not the one that the lock knows as its
/// owner.
template <class Traits>
concept LockTraits = TriesToLock<Traits> && Unlocks<Traits> && MakesAnew<Traits>;

}  // namespace forksafe

namespace forksafe {

template <class Traits>
struct LockPart {
  explicit LockPart(Registry& registry) : part(make_traits<Traits>(registry)) {}
  Traits part;
};

}  // namespace forksafe

export namespace forksafe {

/// Several locks as one: all or none of them are held, so that no order of locking in other threads can deadlock.
template <LockTraits... Parts>
class LocksTogether : LockPart<Parts>... {
 public:
  static constexpr std::chrono::milliseconds deadline = std::max({deadline_of<Parts>()...});

  explicit LocksTogether(Registry& registry) : LockPart<Parts>(registry)... {}

  template <class Part>
  [[nodiscard]] Part& part() noexcept {
    return LockPart<Part>::part;
  }

  [[nodiscard]] bool try_lock() {
    std::size_t taken = 0;
    bool const all = (... && (part<Parts>().try_lock() && ++taken != 0));
    if (!all) unlock_first(taken);
    return all;
  }
  void unlock() { unlock_first(sizeof...(Parts)); }
  void reset() noexcept { (..., part<Parts>().reset()); }

 private:
  void unlock_first(std::size_t count) {
    std::size_t index = 0;
    (..., (index++ < count ? part<Parts>().unlock() : void()));
  }
};

/// Takes a lock before a fork, so that no other thread of the parent holds it in the child (kind K4).
///
/// Vetoes the fork if the lock cannot be had within half of its deadline. The child makes a new lock in place either way; after
/// a vetoed or unannounced fork, what the lock guards may have been left half-way.
template <LockTraits Traits>
class HoldLock : public Resource<HoldLock<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::locks;

  explicit HoldLock(Registry& registry) : Resource<HoldLock, Traits>(registry), usable_in_(generation()) {}

  /// Returns the traits object, its lock usable in this process; after an unannounced fork only if it is called there before
  /// any other thread uses the lock.
  [[nodiscard]] Traits& get() noexcept {
    if (usable_in_ != generation()) {
      this->traits().reset();
      usable_in_ = generation();
      held_ = false;
    }
    return this->traits();
  }

  void operator()(ApplicationPreFork const&) {
    this->or_veto([this] {
      Traits& lock = get();
      auto const until = this->veto_time();
      while (!lock.try_lock()) {
        if (is_over(until)) veto("the lock could not be had in time");
        std::this_thread::sleep_for(std::chrono::microseconds{100});
      }
      held_ = true;
    });
  }
  void operator()(ApplicationPostForkParent const&) { release(); }
  void operator()(ApplicationForkFailed const&) { release(); }
  void operator()(ApplicationPostFork const&) {
    static_cast<void>(get());
    // Where no fork came between, this process still holds it.
    if (std::exchange(held_, false)) this->traits().unlock();
    this->refuse_if_vetoed();
  }

 private:
  void release() {
    this->fork_is_over();
    static_cast<void>(get());
    if (std::exchange(held_, false)) this->traits().unlock();
  }

  std::uint64_t usable_in_;
  bool held_ = false;
};

}  // namespace forksafe
