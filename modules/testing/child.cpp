// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
module forksafe.testing;

import :child;

namespace forksafe::testing {
namespace {

constexpr unsigned longest_life = 60;

[[noreturn]] void fail(char const* what) { throw std::system_error{errno, std::generic_category(), what}; }

}  // namespace

Meeting::Meeting() {
  if (::pipe(ends_) != 0) fail("no pipe for a worker of the test");
}

Meeting::~Meeting() {
  for (int const end : ends_)
    if (end >= 0) ::close(end);
}

void Meeting::arrive() const noexcept { static_cast<void>(::write(ends_[1], "!", 1)); }

void Meeting::await() noexcept {
  // The other end is left to the child, so that its end is seen here.
  ::close(std::exchange(ends_[1], -1));
  char token;
  while (::read(ends_[0], &token, 1) < 0 && errno == EINTR) {}
}

Child Child::fork() {
  int ends[2];
  if (::pipe(ends) != 0) fail("no pipe for a worker of the test");
  pid_t const pid = ::fork();
  if (pid < 0) fail("no worker of the test could be forked");
  ::close(ends[pid == 0 ? 0 : 1]);
  if (pid == 0) {
    // The test runner's handlers would go on as the runner.
    for (int const signal : {SIGALRM, SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTERM, SIGINT}) std::signal(signal, SIG_DFL);
    ::alarm(longest_life);
  }
  return {pid, ends[pid == 0 ? 1 : 0]};
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

End Child::wait() {
  End end;
  char buffer[4096];
  for (;;) {
    ssize_t const size = ::read(pipe_, buffer, sizeof buffer);
    if (size > 0) end.said.append(buffer, static_cast<std::size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) break;
  }
  ::close(pipe_);
  while (::waitpid(pid_, &end.raw, 0) < 0 && errno == EINTR) {}
  if (WIFEXITED(end.raw)) end.status = WEXITSTATUS(end.raw);
  if (WIFSIGNALED(end.raw)) end.signal = WTERMSIG(end.raw);
  return end;
}

void Child::kill(int signal) const noexcept { ::kill(pid_, signal); }

}  // namespace forksafe::testing
