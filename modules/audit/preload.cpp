// SPDX-License-Identifier: MIT
// LD_PRELOAD=libforksafe_audit.so PROGRAM...: audits what PROGRAM forks. A child is audited when it first waits for work
// (or ends without ever doing so), never if it executes another program. No signal, timer or thread is used: they might
// be the host's.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
import forksafe.audit;
import forksafe.generation;

namespace forksafe {

// Made by CMake of the folders of policies/.
std::span<HostProfile const* const> known_hosts();

namespace {

/// In which process generation the audit is somebody's, or is not to be.
constinit std::atomic<std::uint64_t> taken{0};

void write_whole(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    ssize_t const size = ::write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

/// To the file that FORKSAFE_AUDIT_FILE names, as a line of JSON, or else as a text to stderr.
void publish(AuditReport const& report) {
  char const* const path = std::getenv("FORKSAFE_AUDIT_FILE");
  if (path == nullptr) return write_whole(STDERR_FILENO, to_text(report));
  int const file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return write_whole(STDERR_FILENO, to_text(report));
  write_whole(file, to_json(report) + "\n");
  ::close(file);
}

void audit_once(bool even_if_clean) noexcept {
  std::uint64_t const here = generation();
  if (taken.exchange(here) == here) return;
  int const saved_errno = errno;
  try {
    AuditReport const report = audit();
    if (even_if_clean || !report.findings.empty()) publish(report);
  } catch (...) {
    write_whole(STDERR_FILENO, "forksafe audit: out of memory\n");
  }
  errno = saved_errno;
}

void comes_to_work() noexcept {
  if (audit_due()) [[unlikely]]
    audit_once(true);
}

/// A short life without any work is a helper's, of which only hazards are worth a word.
void ends() noexcept {
  if (audit_due()) audit_once(false);
}

void executes() noexcept { taken.store(generation()); }

template <auto* Function>
constinit std::atomic<decltype(Function)> kept{nullptr};

/// What the program would have called without this library. No local static: a fork while another thread initialises one
/// leaves it locked in the child.
template <auto* Function>
decltype(Function) next(char const* name) noexcept {
  auto* found = kept<Function>.load(std::memory_order_relaxed);
  if (found != nullptr) return found;
  found = reinterpret_cast<decltype(Function)>(::dlsym(RTLD_NEXT, name));
  kept<Function>.store(found, std::memory_order_relaxed);
  return found;
}

HostProfile const* host_of(std::string_view command_line) noexcept {
  for (int word = 0; word != 3 && !command_line.empty(); ++word) {
    std::string_view const path = command_line.substr(0, command_line.find('\0'));
    std::string_view const name = path.substr(path.rfind('/') + 1);
    for (HostProfile const* const host : known_hosts())
      if (name.starts_with(host->program)) return host;
    command_line.remove_prefix(std::min(path.size() + 1, command_line.size()));
  }
  return nullptr;
}

[[gnu::constructor]] void start() {
  audit_start();
  if (HostProfile const* const host = host_of(read_proc("/proc/self/cmdline"))) audit_host(*host);
  watch_forks({.prepare = audit_before});
}

[[gnu::destructor]] void finish() { ends(); }

}  // namespace
}  // namespace forksafe

using forksafe::comes_to_work;
using forksafe::next;

extern "C" {

int accept(int socket, sockaddr* address, socklen_t* size) {
  auto* const original = next<&::accept>("accept");
  comes_to_work();
  return original(socket, address, size);
}

int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
  auto* const original = next<&::accept4>("accept4");
  comes_to_work();
  return original(socket, address, size, flags);
}

int epoll_wait(int set, epoll_event* events, int count, int timeout) {
  auto* const original = next<&::epoll_wait>("epoll_wait");
  comes_to_work();
  return original(set, events, count, timeout);
}

int epoll_pwait(int set, epoll_event* events, int count, int timeout, sigset_t const* signals) {
  auto* const original = next<&::epoll_pwait>("epoll_pwait");
  comes_to_work();
  return original(set, events, count, timeout, signals);
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
  auto* const original = next<&::poll>("poll");
  comes_to_work();
  return original(descriptors, count, timeout);
}

int __poll_chk(pollfd* descriptors, nfds_t count, int timeout, std::size_t size) {
  auto* const original = next<&::__poll_chk>("__poll_chk");
  comes_to_work();
  return original(descriptors, count, timeout, size);
}

int ppoll(pollfd* descriptors, nfds_t count, timespec const* timeout, sigset_t const* signals) {
  auto* const original = next<&::ppoll>("ppoll");
  comes_to_work();
  return original(descriptors, count, timeout, signals);
}

int select(int count, fd_set* reading, fd_set* writing, fd_set* exceptions, timeval* timeout) {
  auto* const original = next<&::select>("select");
  comes_to_work();
  return original(count, reading, writing, exceptions, timeout);
}

int pselect(int count, fd_set* reading, fd_set* writing, fd_set* exceptions, timespec const* timeout, sigset_t const* signals) {
  auto* const original = next<&::pselect>("pselect");
  comes_to_work();
  return original(count, reading, writing, exceptions, timeout, signals);
}

ssize_t recv(int socket, void* buffer, std::size_t size, int flags) {
  auto* const original = next<&::recv>("recv");
  comes_to_work();
  return original(socket, buffer, size, flags);
}

int nanosleep(timespec const* duration, timespec* remaining) {
  auto* const original = next<&::nanosleep>("nanosleep");
  comes_to_work();
  return original(duration, remaining);
}

int clock_nanosleep(clockid_t clock, int flags, timespec const* duration, timespec* remaining) {
  auto* const original = next<&::clock_nanosleep>("clock_nanosleep");
  comes_to_work();
  return original(clock, flags, duration, remaining);
}

void _exit(int status) {
  auto* const original = next<&::_exit>("_exit");
  forksafe::ends();
  original(status);
  __builtin_unreachable();
}

int execve(char const* path, char* const* arguments, char* const* environment) noexcept {
  auto* const original = next<&::execve>("execve");
  forksafe::executes();
  return original(path, arguments, environment);
}

int execv(char const* path, char* const* arguments) noexcept {
  auto* const original = next<&::execv>("execv");
  forksafe::executes();
  return original(path, arguments);
}

int execvp(char const* file, char* const* arguments) noexcept {
  auto* const original = next<&::execvp>("execvp");
  forksafe::executes();
  return original(file, arguments);
}

int execvpe(char const* file, char* const* arguments, char* const* environment) noexcept {
  auto* const original = next<&::execvpe>("execvpe");
  forksafe::executes();
  return original(file, arguments, environment);
}

}  // extern "C"
