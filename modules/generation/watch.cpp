// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <pthread.h>
module forksafe.generation;

namespace forksafe {
namespace {

constinit std::atomic<void (*)() noexcept> prepare{nullptr};
constinit std::atomic<void (*)() noexcept> parent{nullptr};
constinit pthread_once_t registered = PTHREAD_ONCE_INIT;

/// The generation that would be if every fork since the first watch_forks() had run the handler, and no other had been.
constinit std::atomic<std::uint64_t> announced{0};

/// The fork that this thread is making; the two sides go on with the same watch.
struct Fork {
  bool under_way = false;
  ForkWatch watch{};
  std::uint64_t generation = 0;
};
constinit thread_local Fork current{};

void before_fork() {
  int const saved_errno = errno;
  current = {true, {prepare.load(), parent.load()}, generation()};
  if (current.watch.prepare != nullptr) current.watch.prepare();
  errno = saved_errno;
}

void after_fork_in_parent() {
  int const saved_errno = errno;
  current.under_way = false;
  if (current.watch.parent != nullptr) current.watch.parent();
  errno = saved_errno;
}

void after_fork_in_child() {
  int const saved_errno = errno;
  current.under_way = false;
  announced.fetch_add(1);
  detail::distinguish_from(current.generation);
  errno = saved_errno;
}

void register_handlers() noexcept {
  announced.store(generation());
  ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace

void watch_forks(ForkWatch watch) noexcept {
  prepare.store(watch.prepare);
  parent.store(watch.parent);
  // Not std::call_once, which needs a library; both begin anew in a child if a fork cuts them short.
  ::pthread_once(&registered, register_handlers);
}

std::uint64_t unannounced_forks() noexcept {
  std::uint64_t const expected = announced.load();
  std::uint64_t const found = generation();
  return expected == 0 || found <= expected ? 0 : found - expected;
}

}  // namespace forksafe
