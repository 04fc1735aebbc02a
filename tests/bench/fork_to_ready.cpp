// SPDX-License-Identifier: MIT
// Is preloaded into a server. Writes a line of numbers for each of its children that waits for its first client, to the file
// that FORKSAFE_BENCH_TIMES names: its process id, the nanoseconds since before fork(), the processor time of fork() in the
// parent and of the child, also in nanoseconds, and the page faults of the child.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

long long forked_at = 0;
bool is_starting = false;
/// Shared: what the fork of the newest child took its parent, once it has returned there.
long long volatile* fork_took = nullptr;

long long now(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

void is_ready() {
  if (!is_starting) return;
  is_starting = false;
  long long const taken = now(CLOCK_MONOTONIC) - forked_at;
  long long const used = now(CLOCK_PROCESS_CPUTIME_ID);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  while (*fork_took == 0) ::usleep(100);
  char const* const path = std::getenv("FORKSAFE_BENCH_TIMES");
  if (path == nullptr) return;
  int const file = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  ::dprintf(file, "%d %lld %lld %lld %ld\n", ::getpid(), taken, *fork_took, used, usage.ru_minflt);
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
  if (fork_took == nullptr) {
    void* const page = ::mmap(nullptr, sizeof(long long), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return -1;
    fork_took = static_cast<long long volatile*>(page);
  }
  *fork_took = 0;
  long long const begin = now(CLOCK_MONOTONIC);
  long long const used = now(CLOCK_THREAD_CPUTIME_ID);
  pid_t const child = real();
  if (child == 0) {
    forked_at = begin;
    is_starting = true;
  } else {
    *fork_took = now(CLOCK_THREAD_CPUTIME_ID) - used;
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
