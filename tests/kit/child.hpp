// SPDX-License-Identifier: MIT
#pragma once
#include "sanitizers.hpp"
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

/// Reads a pipe until all its writers have closed it.
inline std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = ::read(descriptor, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(size));
  ::close(descriptor);
  return text;
}

/// Prepares a forked child, which must not return to the test runner. The default handlers end a child that fails, and SIGALRM
/// ends one that hangs before the limit of its test case, or earlier if the child sets an alarm itself.
inline void leave_the_runner() {
  for (int const signal : {SIGABRT, SIGALRM, SIGFPE, SIGSEGV, SIGTERM}) ::signal(signal, SIG_DFL);
  ::alarm(sanitizer_slows * 40);
}

/// The text that a forked child wrote, and its wait status.
struct ChildResult {
  std::string text;
  int status = -1;

  [[nodiscard]] int exit_status() const { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
  /// Returns the signal that has ended it, or 0.
  [[nodiscard]] int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
  /// Returns its text, or how it ended instead: "exit 70", "signal 14".
  [[nodiscard]] std::string outcome() const {
    if (signal() != 0) return "signal " + std::to_string(signal());
    return exit_status() == 0 ? text : "exit " + std::to_string(exit_status());
  }
};

/// Reads a child's pipe to the end, and waits for the child.
inline ChildResult result_of(pid_t child, int descriptor) {
  ChildResult result{read_all(descriptor)};
  ::waitpid(child, &result.status, 0);
  return result;
}

/// Runs `work` in a real child, which never returns to the test runner. `work` returns the text to hand back; meanwhile
/// `beside` runs in the parent.
template <class Work, class Beside = void (*)()>
ChildResult in_child(Work work, pid_t (*make)() = ::fork, Beside beside = [] {}) {
  int ends[2];
  if (::pipe(ends) != 0) return {"no pipe"};
  pid_t const child = make();
  if (child == 0) {
    ::close(ends[0]);
    leave_the_runner();
    std::string const text = work();
    static_cast<void>(::write(ends[1], text.data(), text.size()));
    ::_exit(0);
  }
  int const reason = errno;
  ::close(ends[1]);
  beside();
  if (child < 0) return ::close(ends[0]), ChildResult{std::string{"no child: "} + std::strerror(reason)};
  return result_of(child, ends[0]);
}

/// in_child for the audit: a full buffer of the test runner would be a true finding.
template <class Work>
ChildResult in_audited_child(Work work) {
  std::fflush(stdout);
  return in_child(work);
}
