// SPDX-License-Identifier: MIT
module;
#include "child.hpp"
#include <csignal>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <utility>
export module worker;

import forks;

export namespace worker {

/// Parent and child take turns: each `pass` lets the other continue.
class Turn {
 public:
  Turn(int heard, int told) : heard_(heard), told_(told) {}

  void give() const { static_cast<void>(::write(told_, "!", 1)); }
  /// Returns false if the other process has exited.
  bool take() const {
    char token;
    return ::read(heard_, &token, 1) == 1;
  }
  bool pass() const {
    give();
    return take();
  }

 private:
  int heard_;
  int told_;
};

/// A real child that runs `work(turn)`, and passes on the text that it returns. SIGALRM kills the child after five seconds, so
/// that a hang is a result and does not hang the test.
class Worker {
 public:
  /// Forks with the application's events in the parent and in the child.
  template <class App, class Work>
  Worker(App& app, Work work) : Worker(announced(app, std::move(work)), ::fork) {
    forksafe::after_fork_in_parent(app);
  }

  /// Forks without any event.
  template <class Work>
  explicit Worker(Work work, pid_t (*make)() = ::_Fork) {
    int to_child[2], to_parent[2], text[2];
    if (::pipe(to_child) != 0 || ::pipe(to_parent) != 0 || ::pipe(text) != 0) std::raise(SIGABRT);
    child_ = make();
    if (child_ == 0) {
      leave_the_runner();
      ::alarm(5);
      for (int const end : {to_child[1], to_parent[0], text[0]}) ::close(end);
      std::string const result = work(Turn{to_child[0], to_parent[1]});
      static_cast<void>(::write(text[1], result.data(), result.size()));
      ::_exit(0);
    }
    for (int const end : {to_child[0], to_parent[1], text[1]}) ::close(end);
    heard_ = to_parent[0];
    told_ = to_child[1];
    text_ = text[0];
  }
  Worker(Worker const&) = delete;
  Worker& operator=(Worker const&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return child_; }
  [[nodiscard]] Turn turn() const noexcept { return {heard_, told_}; }

  /// Waits for the child's exit. Returns its text, or how it ended instead: "exit 70", "signal 14".
  std::string result() {
    ChildResult const ended = result_of(child_, text_);
    for (int const end : {heard_, told_}) ::close(end);
    return ended.outcome();
  }

 private:
  template <class App, class Work>
  static auto announced(App& app, Work work) {
    forksafe::before_fork(app);
    return [&app, work = std::move(work)](Turn turn) mutable {
      forksafe::after_fork_in_child(app);
      return std::string{work(turn)};
    };
  }

  pid_t child_;
  int heard_ = -1;
  int told_ = -1;
  int text_ = -1;
};

}  // namespace worker
