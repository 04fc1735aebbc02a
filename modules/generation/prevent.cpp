// SPDX-License-Identifier: MIT
module;
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
module forksafe.generation;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

using Clock = std::chrono::steady_clock;

/// The gate, from its lowest bit: threads with a guard, threads that fork or wait to, milliseconds of patience.
constexpr std::uint64_t one_guard = 1;
constexpr std::uint64_t one_fork = 1 << 16;
constexpr std::uint64_t one_millisecond = std::uint64_t{1} << 32;
constexpr std::uint64_t guards_in(std::uint64_t gate) noexcept { return gate & 0xffff; }
constexpr std::uint64_t forks_in(std::uint64_t gate) noexcept { return gate >> 16 & 0xffff; }
constexpr std::chrono::milliseconds patience_in(std::uint64_t gate) noexcept { return std::chrono::milliseconds{gate >> 32}; }

/// The guards of this thread, valid in one generation.
struct Held {
  std::uint64_t generation = 0;
  std::uint32_t depth = 0;
};
constinit thread_local Held held{};

constinit std::atomic<std::uint64_t> overruled{0};
constinit std::atomic<std::uint64_t> overruled_by_holder{0};
constinit std::atomic<char const*> newest_guard{nullptr};
constinit std::atomic<char const*> overruled_guard{nullptr};

/// A fork wipes it, so that a child is rid of the guards of threads that it does not have.
std::atomic<std::uint64_t>& gate() noexcept { return detail::wiped.gate; }

/// The half that counts guards and forks.
std::uint32_t* counts() noexcept {
  return reinterpret_cast<std::uint32_t*>(&gate()) + (std::endian::native == std::endian::big ? 1 : 0);
}

void wake_all() noexcept { ::syscall(SYS_futex, counts(), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0); }

/// Sleeps until the gate is no longer as it was seen. Returns false once the time is over.
bool wait_for_change(std::uint64_t seen, Clock::time_point until) noexcept {
  auto const left = std::chrono::duration_cast<std::chrono::nanoseconds>(until - Clock::now()).count();
  if (left <= 0) return false;
  timespec const longest{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  ::syscall(SYS_futex, counts(), FUTEX_WAIT_PRIVATE, static_cast<std::uint32_t>(seen), &longest, nullptr, 0);
  return true;
}

void overrule(bool by_holder) noexcept {
  overruled_guard.store(newest_guard.load());
  if (by_holder) overruled_by_holder.fetch_add(1);
  overruled.fetch_add(1);
}

void begin_guard(std::chrono::milliseconds patience) noexcept {
  auto const until = Clock::now() + patience;
  auto const own = static_cast<std::uint64_t>(std::clamp<std::int64_t>(patience.count(), 0, INT_MAX));
  std::uint64_t seen = gate().load();
  while (true) {
    if (forks_in(seen) != 0 && !detail::is_forking()) {
      if (wait_for_change(seen, until)) {
        seen = gate().load();
        continue;
      }
      overrule(false);
    }
    std::uint64_t const others = guards_in(seen) == 0 ? 0 : seen >> 32;
    std::uint64_t const entered = (seen & (one_millisecond - 1)) + one_guard + std::max(own, others) * one_millisecond;
    if (gate().compare_exchange_strong(seen, entered)) return;
  }
}

void end_guard() noexcept {
  std::uint64_t seen = gate().load();
  while (guards_in(seen) != 0 && !gate().compare_exchange_weak(seen, seen - one_guard)) {}
  if (forks_in(seen) != 0) wake_all();
}

}  // namespace

namespace detail {

void close_gate_for_guards() noexcept {
  std::uint64_t const own = held.depth != 0 && held.generation == generation() ? 1 : 0;
  std::uint64_t seen = gate().fetch_add(one_fork) + one_fork;
  auto const until = Clock::now() + patience_in(seen);
  while (guards_in(seen) > own && wait_for_change(seen, until)) seen = gate().load();
  if (own != 0 || guards_in(seen) > own) overrule(own != 0);
}

void open_gate_for_guards() noexcept {
  std::uint64_t seen = gate().load();
  while (forks_in(seen) != 0 && !gate().compare_exchange_weak(seen, seen - one_fork)) {}
  wake_all();
}

}  // namespace detail

PreventFork::PreventFork(char const* name, std::chrono::milliseconds patience) noexcept : made_in_(generation()) {
  base::ErrnoGuard const kept_errno;
  detail::register_fork_handlers();
  newest_guard.store(name);
  if (held.generation != made_in_) held = {made_in_, 0};
  if (held.depth++ == 0) begin_guard(patience);
}

PreventFork::~PreventFork() {
  if (made_in_ != generation()) return;
  base::ErrnoGuard const kept_errno;
  if (--held.depth == 0) end_guard();
}

OverruledForks overruled_forks() noexcept { return {overruled.load(), overruled_by_holder.load(), overruled_guard.load()}; }

}  // namespace forksafe
