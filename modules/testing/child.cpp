// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
module forksafe.testing;

import :child;
import forksafe.std.operators;

namespace forksafe::testing {
namespace {

constexpr unsigned longest_life = 60;
constexpr int poll_milliseconds = 10;

[[noreturn]] void fail(char const* what) { throw std::system_error{errno, std::generic_category(), what}; }

/// Returns whether the process has ended. It can still be waited for.
bool has_ended(pid_t pid) {
  siginfo_t found{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &found, WEXITED | WNOWAIT | WNOHANG) == 0 ? found.si_pid != 0 : errno != EINTR;
}

/// Returns what the process writes. What it has forked may keep the pipe open for longer than it lives.
std::string read_while_alive(int pipe, pid_t pid) {
  std::string text;
  char buffer[4096];
  for (bool ended = false;;) {
    pollfd readable{pipe, POLLIN, 0};
    int const ready = ::poll(&readable, 1, ended ? 0 : poll_milliseconds);
    if (ready == 0) {
      // Its last words may have come between the poll and its end.
      if (std::exchange(ended, has_ended(pid))) return text;
      continue;
    }
    ssize_t const size = ready < 0 ? -1 : ::read(pipe, buffer, sizeof buffer);
    if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

Pipe::Pipe() {
  if (::pipe2(ends_, O_CLOEXEC) != 0) fail("no pipe for a worker of the test");
}

Pipe::~Pipe() {
  for (int const end : ends_)
    if (end >= 0) ::close(end);
}

void Meeting::arrive() const noexcept { static_cast<void>(::write(pipe_.writer(), "!", 1)); }

void Meeting::await() noexcept {
  // The other end is left to the child, so that its end is seen here.
  ::close(pipe_.release_writer());
  char token;
  while (::read(pipe_.reader(), &token, 1) < 0 && errno == EINTR) {}
}

Child Child::fork(Pipe pipe) {
  pid_t const pid = ::fork();
  if (pid < 0) fail("no worker of the test could be forked");
  if (pid == 0) {
    // The test runner's handlers would go on as the runner.
    for (int const signal : {SIGALRM, SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTERM, SIGINT}) std::signal(signal, SIG_DFL);
    ::alarm(longest_life);
  }
  return {pid, pid == 0 ? pipe.release_writer() : pipe.release_reader()};
}

void Child::say(std::string_view text) const noexcept {
  while (!text.empty()) {
    ssize_t const written = ::write(pipe_, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Child::end(Ending ending) const noexcept {
  if (ending == Ending::by_exit) std::exit(EXIT_SUCCESS);
  ::_exit(EXIT_SUCCESS);
}

void Child::expect_unreaped() const {
  if (pid_ < 0) throw std::logic_error{"this worker was reaped already: time_out() and reap() return its end, once; keep that"};
}

End Child::wait() {
  expect_unreaped();
  pid_t const pid = std::exchange(pid_, -1);
  int const pipe = std::exchange(pipe_, -1);
  End end;
  end.said = read_while_alive(pipe, pid);
  ::close(pipe);
  pid_t found;
  while ((found = ::waitpid(pid, &end.raw, 0)) < 0 && errno == EINTR) {}
  if (found < 0)
    fail("the worker's end is not known: SIGCHLD is ignored, set it to SIG_DFL before Container::fork; or this program has "
         "waited for the worker elsewhere");
  if (WIFEXITED(end.raw)) end.status = WEXITSTATUS(end.raw);
  if (WIFSIGNALED(end.raw)) end.signal = WTERMSIG(end.raw);
  return end;
}

void Child::kill(int signal) const {
  expect_unreaped();
  ::kill(pid_, signal);
}

}  // namespace forksafe::testing
