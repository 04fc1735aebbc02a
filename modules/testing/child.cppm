// SPDX-License-Identifier: MIT
module;
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
export module forksafe.testing:child;

export namespace forksafe::testing {

/// The end of a process, and what it said before.
struct End {
  /// The result of its work; empty if it did not come to that.
  std::string said{};
  /// Its exit status, unless a signal has ended it.
  std::optional<int> status{};
  std::optional<int> signal{};
  /// The status as waitpid() has it.
  int raw = 0;
};

/// The ways in which a worker ends after its work.
enum class Ending { at_once, by_exit };

/// A place where one process waits for another, which was forked after it was made.
class Meeting {
 public:
  Meeting();
  Meeting(Meeting const&) = delete;
  Meeting& operator=(Meeting const&) = delete;
  ~Meeting();
  void arrive() const noexcept;
  /// Returns when the other has arrived, or has ended.
  void await() noexcept;

 private:
  int ends_[2];
};

/// A process that is forked now. Each side of the fork has one: the parent's waits and the child's says.
class Child {
 public:
  /// Forks. Throws std::system_error where no process can be forked.
  static Child fork();

  /// Whether this is the child itself. It has a minute to live, so that a hang is a result and does not hang the test.
  [[nodiscard]] bool is_self() const noexcept { return pid_ == 0; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Hands the text to the parent; called in the child.
  void say(std::string_view text) const noexcept;
  /// Ends the child: `by_exit` runs what the parent has registered with atexit(), as containers do that call exit().
  [[noreturn]] void end(Ending ending) const noexcept;

  /// Waits in the parent for the child's end. Once.
  End wait();
  void kill(int signal) const noexcept;

 private:
  Child(pid_t pid, int pipe) noexcept : pid_(pid), pipe_(pipe) {}
  pid_t pid_;
  int pipe_;
};

}  // namespace forksafe::testing
