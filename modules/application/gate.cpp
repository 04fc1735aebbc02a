// SPDX-License-Identifier: MIT
module;
#include <time.h>
#include <unistd.h>
module forksafe;

import :gate;
import forksafe.base;
import forksafe.generation;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr std::uint64_t closed = std::uint64_t{1} << 31;
constexpr std::uint64_t over = std::uint64_t{1} << 30;
constexpr std::uint64_t inside = over - 1;

/// What this thread does at the gate. Counted in a process; a forked child begins anew.
struct Here {
  std::uint64_t generation;
  std::uint32_t depth;
  bool closing;
};
constinit thread_local Here here{};

Here& this_thread() noexcept {
  if (here.generation != generation()) here = {generation(), 0, false};
  return here;
}

/// Returns the word as this process sees it: open and empty where it was written before the fork.
std::uint64_t known(std::uint64_t word) noexcept {
  std::uint64_t const own = generation() << 32;
  return (word ^ own) >> 32 == 0 ? word : own;
}

/// Waits without a lock, as a signal handler may. Returns whether the condition came true in time.
template <class Condition>
bool poll(Condition condition) noexcept {
  auto const end = std::chrono::steady_clock::now() + Gate::patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    timespec const pause{0, 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return true;
}

void log_pid(std::string_view text) noexcept {
  char line[300];
  log_line(signal_safe_text(line, {text, ", pid "}, static_cast<std::uint64_t>(::getpid())));
}

}  // namespace

std::uint64_t Gate::enter() noexcept {
  Here& thread = this_thread();
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    std::uint64_t const word = known(seen);
    // Who is inside already may call a handler: the event waits for the outer one.
    if ((word & closed) != 0 && (thread.closing || thread.depth == 0)) {
      if (!thread.closing) wait_for_end();
      return 0;
    }
    if (word_.compare_exchange_weak(seen, word + 1)) break;
  }
  // After the count: an event that a signal raises in between waits for too many, and never for too few.
  ++thread.depth;
  return thread.generation;
}

void Gate::leave(std::uint64_t entered) noexcept {
  // A handler forked, and its child returns: nobody has entered there.
  if (entered != generation()) return;
  --here.depth;
  word_.fetch_sub(1);
}

void Gate::close() noexcept {
  base::ErrnoGuard const kept_errno;
  Here& thread = this_thread();
  thread.closing = true;
  std::uint64_t seen = word_.load();
  while (!word_.compare_exchange_weak(seen, known(seen) | closed)) {}
  if ((known(seen) & over) != 0) return;
  if (!wait_for_others())
    log_pid(
        "ApplicationWorkerExit has waited 2 s for request handlers, and is raised while one is at work in another thread; let "
        "handlers end sooner, or let the server finish its requests before it stops its workers");
  if (thread.depth != 0)
    log_pid("ApplicationWorkerExit interrupts a request handler of its own thread: a lock that both take never comes; let the "
            "server finish its requests before it stops its workers");
}

void Gate::end_closing() noexcept {
  this_thread().closing = false;
  std::uint64_t seen = word_.load();
  while (!word_.compare_exchange_weak(seen, known(seen) | closed | over)) {}
}

bool Gate::wait_for_others() const noexcept {
  return poll([this] { return (known(word_.load()) & inside) <= here.depth; });
}

void Gate::wait_for_end() const noexcept {
  static_cast<void>(poll([this] { return (known(word_.load()) & over) != 0; }));
}

}  // namespace forksafe
