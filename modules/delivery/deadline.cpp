// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <cstdlib>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
module forksafe;

import :context;
import :deadline;
import :delivery;
import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

using Nanoseconds = std::int64_t;
constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();
constexpr Nanoseconds second = 1'000'000'000;

struct Timer {
  timer_t handle{};
  std::uint64_t generation = 0;
  std::uint64_t number = 0;
  /// The time when it goes off, which may be before anything is due.
  std::atomic<Nanoseconds> set{never};
};

constinit Timer timer{};
/// The number of the timer that this thread has made: it signals this thread and no other.
constinit thread_local std::uint64_t own_timer = 0;

/// A real-time signal from the far end of the range, which no container here uses.
int deadline_signal() noexcept { return SIGRTMAX - 3; }

Nanoseconds nanoseconds_at(SteadyTime moment) noexcept { return std::chrono::nanoseconds{moment.time_since_epoch()}.count(); }

void set_timer(Nanoseconds due) noexcept {
  timer.set = due;
  itimerspec const when{{}, {static_cast<time_t>(due / second), static_cast<long>(due % second)}};
  ::timer_settime(timer.handle, TIMER_ABSTIME, &when, nullptr);
}

extern "C" {
// The name of a C function is one of the whole program, even where its namespace is unnamed, unless it is static.
static void on_deadline(int) {
  base::ErrnoGuard const kept_errno;
  timer.set = never;
  if (SteadyTime const due = Delivery::due(); due <= SteadyTime::clock::now()) {
    Delivery::overdue();
  } else if (due != SteadyTime::max()) {
    set_timer(nanoseconds_at(due));
  }
}

static void on_exit_of_subscriber() { Delivery::interrupted(Outcome::called_exit); }
}

bool make_timer() noexcept {
  bool const inherited = timer.generation != generation();
  if (!inherited && own_timer == timer.number) return true;
  if (!inherited) ::timer_delete(timer.handle);
  timer.set = never;
  timer.generation = 0;
  struct sigaction action{};
  action.sa_handler = on_deadline;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = deadline_signal();
  event._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
  if (::sigaction(deadline_signal(), &action, nullptr) != 0) return false;
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer.handle) != 0) return false;
  sigset_t unblocked;
  sigemptyset(&unblocked);
  sigaddset(&unblocked, deadline_signal());
  ::pthread_sigmask(SIG_UNBLOCK, &unblocked, nullptr);
  timer.generation = generation();
  own_timer = ++timer.number;
  return true;
}

}  // namespace

SteadyTime StartLimit::warning() const noexcept { return begin + (end - begin) / 4 * 3; }
SteadyTime StartLimit::due() const noexcept { return begin + (end - begin) / 8 * 7; }

void arm_deadline(SteadyTime due) noexcept {
  if (!make_timer()) return;
  // A timer that goes off between the two finds the same Delivery::due and sets itself for it.
  if (timer.set > nanoseconds_at(due)) set_timer(nanoseconds_at(due));
}

void disarm_deadline() noexcept {
  if (timer.set == never || timer.generation != generation()) return;
  timer.set = never;
  itimerspec const no_time{};
  ::timer_settime(timer.handle, 0, &no_time, nullptr);
}

void watch_exit() noexcept {
  static constinit bool watched = false;
  if (watched) return;
  watched = std::atexit(on_exit_of_subscriber) == 0;
}

void Delivery::warn() noexcept {
  StartLimit const& limit = context_.start_limit;
  warned_.store(true);
  char line[400];
  log_line(signal_safe_text(
      line,
      {"subscriber ", subscriber_, " is slow on ", event_names[event_.index], " (hook ", event_context_.hook,
       "): the container kills a worker that has not started in time (", limit.setting,
       "); raise that, or let the subscriber do less; the milliseconds that are left are "},
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(limit.end - SteadyTime::clock::now()).count())));
}

}  // namespace forksafe
