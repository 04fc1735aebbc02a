// SPDX-License-Identifier: MIT
module;
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
export module forksafe.testing:child;

namespace forksafe::testing {

/// A pipe between this process and one that it forks. No program that either of them starts inherits it.
class Pipe {
 public:
  /// Throws std::system_error where no pipe can be made.
  Pipe();
  Pipe(Pipe&& other) noexcept : ends_{std::exchange(other.ends_[0], -1), std::exchange(other.ends_[1], -1)} {}
  ~Pipe();
  [[nodiscard]] int reader() const noexcept { return ends_[0]; }
  [[nodiscard]] int writer() const noexcept { return ends_[1]; }
  /// Returns an end that the caller closes.
  [[nodiscard]] int release_reader() noexcept { return std::exchange(ends_[0], -1); }
  [[nodiscard]] int release_writer() noexcept { return std::exchange(ends_[1], -1); }

 private:
  int ends_[2];
};

}  // namespace forksafe::testing

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
  void arrive() const noexcept;
  /// Returns when the other has arrived, or has ended.
  void await() noexcept;

 private:
  Pipe pipe_{};
};

/// A process that is forked now. Each side of the fork has one: the parent's waits and the child's says.
class Child {
 public:
  /// Forks. Throws std::system_error where no process can be forked.
  static Child fork(Pipe pipe = Pipe{});
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pipe_(std::exchange(other.pipe_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(pipe_, other.pipe_);
    return *this;
  }

  /// Whether this is the child itself. It has a minute to live, so that a hang is a result and does not hang the test.
  [[nodiscard]] bool is_self() const noexcept { return pid_ == 0; }
  /// -1 after wait().
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Hands the text to the parent; called in the child.
  void say(std::string_view text) const noexcept;
  /// Ends the child: `by_exit` runs what the parent has registered with atexit(), as containers do that call exit().
  [[noreturn]] void end(Ending ending) const noexcept;

  /// Throws std::logic_error after wait(), when the process id and the pipe may be somebody else's.
  void expect_unreaped() const;
  /// Waits in the parent for the child's end, whatever processes of its own it leaves. Throws std::logic_error the second time,
  /// and std::system_error if the end cannot be known.
  End wait();
  /// Throws std::logic_error after wait().
  void kill(int signal) const;

 private:
  Child(pid_t pid, int pipe) noexcept : pid_(pid), pipe_(pipe) {}
  pid_t pid_;
  /// Left open if nobody waits: a child that is not waited for must not die of SIGPIPE.
  int pipe_;
};

}  // namespace forksafe::testing
