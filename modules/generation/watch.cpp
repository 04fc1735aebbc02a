// SPDX-License-Identifier: MIT
module;
#include <pthread.h>
#include <sched.h>
module forksafe.generation;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constinit std::atomic<void (*)() noexcept> prepare{nullptr};
constinit std::atomic<void (*)() noexcept> parent{nullptr};
constinit std::atomic<void (*)() noexcept> child{nullptr};
constinit std::atomic<bool> registered{false};

/// The generation that would be if every fork since the first watch_forks() had run the handler, and no other had been.
constinit std::atomic<std::uint64_t> announced{0};

/// The fork that this thread is making; the two sides go on with the same watch.
struct Fork {
  bool under_way = false;
  /// Whether the watch is being told: forks that it makes are forks of its own.
  bool is_telling = false;
  int forks_of_watch = 0;
  ForkWatch watch{};
  std::uint64_t generation = 0;
};
constinit thread_local Fork current{};

void tell(void (*side)() noexcept) noexcept {
  if (side == nullptr) return;
  current.is_telling = true;
  side();
  current.is_telling = false;
}

// A fork in the middle of the registration can make the child register twice: only the first of equal calls counts.
void before_fork() {
  if (current.is_telling) ++current.forks_of_watch;
  if (current.under_way) return;
  base::ErrnoGuard const kept_errno;
  current = {.under_way = true, .watch = {prepare.load(), parent.load(), child.load()}, .generation = generation()};
  detail::close_gate_for_guards();
  tell(current.watch.prepare);
}

void after_fork_in_parent() {
  if (current.is_telling && current.forks_of_watch != 0) {
    --current.forks_of_watch;
    return;
  }
  if (!current.under_way) return;
  base::ErrnoGuard const kept_errno;
  tell(current.watch.parent);
  detail::open_gate_for_guards();
  current.under_way = false;
}

void after_fork_in_child() {
  if (!current.under_way) return;
  base::ErrnoGuard const kept_errno;
  Fork const fork = std::exchange(current, {});
  announced.fetch_add(1);
  detail::distinguish_from(fork.generation);
  if (!fork.is_telling && fork.watch.child != nullptr) fork.watch.child();
}

}  // namespace

namespace detail {

// Not pthread_once: a child that raw clone made while another thread was inside would wait for that thread without end.
void register_fork_handlers() noexcept {
  if (registered.load()) return;
  std::uint64_t const here = generation();
  bool registering = false;
  if (wiped.registering.compare_exchange_strong(registering, true)) {
    if (!registered.load()) {
      announced.store(here);
      registered.store(::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0);
    }
    wiped.registering.store(false);
  }
  while (wiped.registering.load()) ::sched_yield();
}

bool is_forking() noexcept { return current.under_way; }

}  // namespace detail

void watch_forks(ForkWatch watch) noexcept {
  prepare.store(watch.prepare);
  parent.store(watch.parent);
  child.store(watch.child);
  detail::register_fork_handlers();
}

std::uint64_t unannounced_forks() noexcept {
  std::uint64_t const expected = announced.load();
  std::uint64_t const found = generation();
  return expected == 0 || found <= expected ? 0 : found - expected;
}

}  // namespace forksafe
