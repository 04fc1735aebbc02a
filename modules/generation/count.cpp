// SPDX-License-Identifier: MIT
module;
#include <sys/mman.h>
#include <unistd.h>
module forksafe.generation;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Whether the kernel wipes the page.
enum class Wiping : std::uint8_t { not_asked, granted, refused };
constinit std::atomic<Wiping> wiping{Wiping::not_asked};

/// The greatest generation that this process or an ancestor has seen.
constinit std::atomic<std::int64_t> greatest{0};

/// Used where there is no page: the process id in the upper half, its generation in the lower.
constinit std::atomic<std::uint64_t> process_and_generation{0};

constexpr std::int64_t looking = std::numeric_limits<std::int64_t>::min();

Wiping ask_for_wiping() noexcept {
  auto const size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  // A kernel that accepts an advice that does not exist accepts MADV_WIPEONFORK too, and wipes nothing.
  if (size > sizeof(detail::Wiped) || ::madvise(&detail::wiped, size, -1) == 0) return Wiping::refused;
  return ::madvise(&detail::wiped, size, MADV_WIPEONFORK) == 0 ? Wiping::granted : Wiping::refused;
}

/// Two threads may ask at once: they get the same answer.
bool is_wiped() noexcept {
  if (wiping.load() == Wiping::not_asked) wiping.store(ask_for_wiping());
  return wiping.load() == Wiping::granted;
}

/// 0, then `looking`, then `looking` with the new generation, then the new generation alone.
std::int64_t step_after(std::int64_t seen) noexcept {
  if (seen == 0) return looking;
  if (seen == looking) return looking | (greatest.load() + 1);
  std::int64_t const chosen = seen & ~looking;
  // Before any thread can see the chosen one: a child of this very moment has to choose a greater one.
  std::int64_t known = greatest.load();
  while (known < chosen && !greatest.compare_exchange_weak(known, chosen)) {}
  return chosen;
}

/// Every step is one compare-exchange on what a fork wipes: any thread can finish what another began, so none waits; and after
/// a fork between two steps, the child begins again.
std::uint64_t choose_generation(std::atomic<std::int64_t>& word) noexcept {
  std::int64_t seen = word.load();
  while (seen <= 0) {
    std::int64_t const next = step_after(seen);
    if (word.compare_exchange_strong(seen, next)) seen = next;
  }
  return static_cast<std::uint64_t>(seen);
}

std::uint64_t compare_process_id() noexcept {
  std::uint64_t const process = static_cast<std::uint32_t>(::getpid());
  std::uint64_t seen = process_and_generation.load();
  while (seen >> 32 != process) {
    std::uint64_t const next = process << 32 | static_cast<std::uint32_t>(seen + 1);
    if (!process_and_generation.compare_exchange_strong(seen, next)) continue;
    detail::wiped.clear_rest();
    seen = next;
  }
  return static_cast<std::uint32_t>(seen);
}

}  // namespace

namespace detail {

constinit Wiped wiped{};

std::uint64_t look_for_fork() noexcept {
  base::ErrnoGuard const kept_errno;
  return is_wiped() ? choose_generation(wiped.generation) : compare_process_id();
}

void distinguish_from(std::uint64_t parent) noexcept {
  if (generation() != parent) return;
  process_and_generation.fetch_add(1);
  wiped.clear_rest();
}

}  // namespace detail

bool sees_every_fork() noexcept {
  base::ErrnoGuard const kept_errno;
  return is_wiped();
}

}  // namespace forksafe
