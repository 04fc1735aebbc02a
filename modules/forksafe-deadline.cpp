// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
module forksafe;

import :deadline;

namespace forksafe {
namespace {

struct Timer {
  timer_t handle{};
  std::uint64_t generation = 0;
  pid_t thread = 0;
  bool armed = false;
};

constinit Timer timer{};

/// A real-time signal from the far end of the range, which no container here uses.
int deadline_signal() noexcept { return SIGRTMAX - 3; }

extern "C" void on_deadline(int) {
  int const saved_errno = errno;
  Delivery::interrupted("outlasted its deadline");
  errno = saved_errno;
}

extern "C" void on_exit_of_subscriber() { Delivery::interrupted("called exit()"); }

bool make_timer() noexcept {
  auto const thread = static_cast<pid_t>(::syscall(SYS_gettid));
  if (timer.generation == generation() && timer.thread == thread) return true;
  if (timer.generation == generation()) ::timer_delete(timer.handle);
  timer = {};
  struct sigaction action {};
  action.sa_handler = on_deadline;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = deadline_signal();
  event._sigev_un._tid = thread;
  if (::sigaction(deadline_signal(), &action, nullptr) != 0) return false;
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer.handle) != 0) return false;
  sigset_t unblocked;
  sigemptyset(&unblocked);
  sigaddset(&unblocked, deadline_signal());
  ::pthread_sigmask(SIG_UNBLOCK, &unblocked, nullptr);
  timer.generation = generation();
  timer.thread = thread;
  return true;
}

}  // namespace

void arm_deadline(std::chrono::milliseconds deadline) noexcept {
  if (!make_timer()) return;
  itimerspec const due{{}, {static_cast<time_t>(deadline.count() / 1000), static_cast<long>(deadline.count() % 1000) * 1'000'000}};
  timer.armed = ::timer_settime(timer.handle, 0, &due, nullptr) == 0;
}

void disarm_deadline() noexcept {
  if (!timer.armed || timer.generation != generation()) return;
  itimerspec const never{};
  ::timer_settime(timer.handle, 0, &never, nullptr);
  timer.armed = false;
}

void watch_exit() noexcept {
  static constinit bool watched = false;
  if (watched) return;
  watched = std::atexit(on_exit_of_subscriber) == 0;
}

}  // namespace forksafe
