// SPDX-License-Identifier: MIT
export module forksafe.resource:threads;

import :resource;
import :traits;
import :veto;
import :waiting;
import forksafe;
import forksafe.std;

namespace forksafe {

template <class Traits>
concept Starts = requires(Traits& traits) { traits.start(); } || because("say how to start the threads: `void start();`");
template <class Traits>
concept Stops =
    requires(Traits& traits, std::chrono::steady_clock::time_point until) {
      { traits.stop(until) } -> std::same_as<bool>;
    } || because("say how to stop the threads: `bool stop(std::chrono::steady_clock::time_point until);`, false if they did "
                 "not end in time");
template <class Traits>
concept Discards = requires(Traits& traits) {
  { traits.discard() } noexcept;
} || because("say what a child does with the parent's queue and dead threads: `void discard() noexcept;`");

}  // namespace forksafe

export namespace forksafe {

/// Traits of StopRestart.
///
/// Meaning:
///  - `stop(until)` ends and joins all threads and keeps the queued work; it returns false at `until` at the latest (see
///    join_until), and `start()` follows in the parent; it also follows a `start()` that threw;
///  - `start()` starts the threads and goes on with what is queued, also where a stop did not succeed;
///  - `discard()` runs in a child, where the threads do not exist, whether they were stopped or not: it drops the queued
///    work, which is the parent's, and joins and destroys nothing that a dead thread may hold;
///  - optional `static constexpr InChild in_child`: at_once (the default) starts in the child in the last phase, lazily at
///    the next get(), never only by start().
template <class Traits>
concept StopRestartTraits = Starts<Traits> && Stops<Traits> && Discards<Traits> && WellFormedInChild<Traits>;

/// Threads that stand still around a fork and run again on both sides (kind K2). Use it from the thread that forks.
///
/// Vetoes the fork if the threads do not end within half of its deadline; the child drops them even then.
template <StopRestartTraits Traits>
class StopRestart : public Resource<StopRestart<Traits>, Traits> {
 public:
  static constexpr Phase phase = Phase::threads;
  static constexpr InChild in_child = in_child_of<Traits>(InChild::at_once);
  using Resource<StopRestart, Traits>::Resource;

  /// Returns the traits object, its threads running in this process, also after an unannounced fork. Throws InheritedObject in
  /// a child that was to do without, until start().
  [[nodiscard]] Traits& get() {
    discard_inherited();
    if (in_child == InChild::never && left_by_ != 0) throw InheritedObject{this->shown_as(), left_by_, generation()};
    return start();
  }

  /// Starts the threads of this process where they do not run.
  Traits& start() {
    discard_inherited();
    if (!running_) {
      // A start that throws half-way leaves threads too: the next fork stops them.
      ended_ = false;
      started_in_ = generation();
      this->traits().start();
      running_ = wanted_ = true;
      left_by_ = 0;
    }
    return this->traits();
  }

  [[nodiscard]] bool is_running() const noexcept { return running_ && started_in_ == generation(); }

  /// Stops the threads for good; get() starts them again. Returns false if they did not end within half of the deadline.
  bool stop() {
    discard_inherited();
    wanted_ = false;
    return ended_ || halt();
  }

  void operator()(ApplicationPreFork const&) {
    this->or_veto([this] {
      if (started_in_ == generation() && !ended_ && !halt()) veto("its threads did not stop in time");
    });
  }
  void operator()(ApplicationPostForkParent const&) { return_to_parent(); }
  void operator()(ApplicationForkFailed const&) { return_to_parent(); }
  void operator()(ApplicationPostFork const&) {
    bool const had_threads = wanted_;
    discard_inherited();
    // Where no fork came between, they are still this process's own.
    if (wanted_ || (had_threads && in_child == InChild::at_once)) start();
    this->refuse_if_vetoed();
  }

 private:
  bool halt() {
    running_ = false;
    ended_ = this->traits().stop(this->veto_time());
    return ended_;
  }

  void return_to_parent() {
    this->fork_is_over();
    if (wanted_) start();
  }

  /// Whether they ran or stood still at the fork: threads and queue are the parent's.
  void discard_inherited() noexcept {
    if (started_in_ == 0 || started_in_ == generation()) return;
    this->traits().discard();
    if (wanted_) left_by_ = started_in_;
    running_ = wanted_ = false;
    ended_ = true;
    started_in_ = 0;
  }

  bool running_ = false;
  /// Whether no thread of this process is left, stopped in time or not started yet.
  bool ended_ = true;
  /// Whether the threads are to run again after the fork.
  bool wanted_ = false;
  /// The generation that started them, 0 if none did.
  std::uint64_t started_in_ = 0;
  /// The generation whose threads this process does without.
  std::uint64_t left_by_ = 0;
};

}  // namespace forksafe
