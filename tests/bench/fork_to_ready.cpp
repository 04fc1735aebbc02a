// SPDX-License-Identifier: MIT
// Is preloaded into a server. Writes for each of its children, to the file that FORKSAFE_BENCH_TIMES names, the nanoseconds
// from before fork() until the child waits for its first client.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

long long forked_at = 0;
bool is_starting = false;

long long now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

void is_ready() {
  if (!is_starting) return;
  is_starting = false;
  long long const taken = now() - forked_at;
  char const* const path = std::getenv("FORKSAFE_BENCH_TIMES");
  if (path == nullptr) return;
  int const file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  ::dprintf(file, "%lld\n", taken);
  ::close(file);
}

template <class Function>
Function* next(char const* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

pid_t fork() {
  static auto* const real = next<pid_t()>("fork");
  long long const begin = now();
  pid_t const child = real();
  if (child == 0) {
    forked_at = begin;
    is_starting = true;
  }
  return child;
}

// uWSGI's workers wait in epoll_wait.
int epoll_wait(int poll, epoll_event* events, int count, int timeout) {
  static auto* const real = next<int(int, epoll_event*, int, int)>("epoll_wait");
  is_ready();
  return real(poll, events, count, timeout);
}

// gunicorn's workers try to accept before they wait.
int accept4(int socket, sockaddr* address, socklen_t* length, int flags) {
  static auto* const real = next<int(int, sockaddr*, socklen_t*, int)>("accept4");
  is_ready();
  return real(socket, address, length, flags);
}

}  // extern "C"
