// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <concepts>
#include <cstdint>
export module forksafe.resource:threads;

import :common;
import forksafe;

export namespace forksafe {

template <class Traits>
concept Starts = requires(Traits& traits) { traits.start(); } ||
                 because<"say how to start the threads: `void start();`">();
template <class Traits>
concept Stops = requires(Traits& traits, std::chrono::steady_clock::time_point until) {
  { traits.stop(until) } -> std::same_as<bool>;
} || because<"say how to stop the threads: `bool stop(std::chrono::steady_clock::time_point until);`, false if they did "
             "not end in time">();
template <class Traits>
concept Discards = requires(Traits& traits) {
  { traits.discard() } noexcept;
} || because<"say what a child does with the parent's queue and dead threads: `void discard() noexcept;`">();

/// Traits of StopRestart.
///
/// Meaning:
///  - `stop(until)` ends and joins all threads and keeps the queued work; false, and the threads still run, if that took
///    longer;
///  - `start()` starts them, and goes on with what is queued;
///  - `discard()` runs in a child, where the threads do not exist: it drops the queued work, which is the parent's, and
///    joins and destroys nothing that a dead thread may hold;
///  - optional `static constexpr InChild in_child`: at_once (the default) starts in the child in the last phase,
///    lazily at the next get(), never not at all.
template <class Traits>
concept StopRestartTraits = Starts<Traits> && Stops<Traits> && Discards<Traits>;

/// Threads that stand still around a fork and run again on both sides (kind K2). Use it from the thread that forks.
template <StopRestartTraits Traits>
class StopRestart : public Resource<StopRestart<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::threads;
  static constexpr InChild in_child = [] {
    if constexpr (requires { { Traits::in_child } -> std::convertible_to<InChild>; }) return Traits::in_child;
    return InChild::at_once;
  }();
  template <class Event>
  static constexpr bool may_miss = std::same_as<Event, ApplicationForkFailed>;
  using Resource<StopRestart, Traits>::Resource;

  /// The traits object, its threads running in this process; also behind a fork that nobody announced.
  [[nodiscard]] Traits& get() {
    discard_inherited();
    start();
    return this->traits();
  }

  [[nodiscard]] bool is_running() const noexcept { return running_ && started_in_ == generation(); }

  /// Stops the threads for good; get() starts them again. False if they did not stop in time.
  bool stop() {
    discard_inherited();
    wanted_ = false;
    return !running_ || halt();
  }

  void operator()(ApplicationPreFork const&) {
    if (!is_running()) return;
    this->or_veto([&] {
      if (!halt()) veto("its threads did not stop in time");
    });
  }
  void operator()(ApplicationPostForkParent const&) { return_to_parent(); }
  void operator()(ApplicationForkFailed const&) { return_to_parent(); }
  void operator()(ApplicationPostFork const& event) {
    if (!event.forked) return;
    bool const had_threads = wanted_;
    discard_inherited();
    if (had_threads && in_child == InChild::at_once) start();
    this->refuse_if_vetoed();
  }

 private:
  void start() {
    if (running_) return;
    this->traits().start();
    running_ = wanted_ = true;
    started_in_ = generation();
  }

  bool halt() {
    // Half of what a hook may take, so that the veto comes before the deadline.
    bool const stopped = this->traits().stop(std::chrono::steady_clock::now() + this->deadline / 2);
    if (stopped) running_ = false;
    return stopped;
  }

  void return_to_parent() {
    this->fork_is_over();
    if (wanted_) start();
  }

  /// Whether they ran or stood still at the fork: the queue is the parent's.
  void discard_inherited() noexcept {
    if (started_in_ == 0 || started_in_ == generation()) return;
    this->traits().discard();
    running_ = false;
    wanted_ = false;
    started_in_ = generation();
  }

  bool running_ = false;
  /// Whether the threads are to run again after the fork.
  bool wanted_ = false;
  std::uint64_t started_in_ = 0;
};

}  // namespace forksafe
