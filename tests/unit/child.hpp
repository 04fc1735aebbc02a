// SPDX-License-Identifier: MIT
#pragma once
#include <csignal>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

/// What a forked child wrote, and its wait status.
struct ChildResult {
  std::string text;
  int status = -1;

  [[nodiscard]] int exit_status() const { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
};

/// Runs `work` in a real child, which never returns to the test runner. `work` returns the text to hand back; meanwhile
/// `beside` runs in the parent.
template <class Work, class Beside = void (*)()>
ChildResult in_child(Work work, pid_t (*make)() = ::fork, Beside beside = [] {}) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  pid_t const child = make();
  if (child == 0) {
    ::close(ends[0]);
    // With the test runner's handlers a child that fails would go on as the runner.
    for (int const signal : {SIGABRT, SIGALRM, SIGFPE, SIGSEGV, SIGTERM}) ::signal(signal, SIG_DFL);
    std::string const text = work();
    static_cast<void>(::write(ends[1], text.data(), text.size()));
    ::_exit(0);
  }
  ::close(ends[1]);
  beside();
  ChildResult result;
  char buffer[4096];
  for (ssize_t size; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) result.text.append(buffer, static_cast<std::size_t>(size));
  ::close(ends[0]);
  ::waitpid(child, &result.status, 0);
  return result;
}
