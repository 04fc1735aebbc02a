// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <sys/mman.h>
#include <unistd.h>
module forksafe.generation;

namespace forksafe {
namespace {

constinit detail::Wiped unmapped{};
constinit std::atomic<bool> page_refused{false};

/// The greatest generation that this process or an ancestor has seen.
constinit std::atomic<std::int64_t> greatest{0};

/// Where there is no page: the process id in the upper half, its generation in the lower.
constinit std::atomic<std::uint64_t> process_and_generation{0};

constexpr std::int64_t looking = std::numeric_limits<std::int64_t>::min();

detail::Wiped* map_page() noexcept {
  auto const size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  // Who accepts an advice that does not exist accepts MADV_WIPEONFORK too, and wipes nothing.
  bool const accepts_anything = ::madvise(page, size, -1) == 0;
  if (accepts_anything || ::madvise(page, size, MADV_WIPEONFORK) != 0) {
    ::munmap(page, size);
    return nullptr;
  }
  auto* const mapped = static_cast<detail::Wiped*>(page);
  detail::Wiped* nobody = &unmapped;
  if (detail::wiped.compare_exchange_strong(nobody, mapped)) return mapped;
  ::munmap(page, size);
  return nobody;
}

/// The page of this process; nullptr where there is none.
detail::Wiped* find_page() noexcept {
  detail::Wiped* page = detail::wiped.load();
  if (page != &unmapped) return page;
  if (page_refused.load()) return nullptr;
  page = map_page();
  if (page == nullptr) page_refused.store(true);
  return page;
}

/// 0, then `looking`, then `looking` with the new generation, then the new generation alone.
std::int64_t step_after(std::int64_t seen) noexcept {
  if (seen == 0) return looking;
  if (seen == looking) return looking | (greatest.load() + 1);
  std::int64_t const chosen = seen & ~looking;
  // Before anyone can see the chosen one: a child of this very moment has to choose a greater one.
  std::int64_t known = greatest.load();
  while (known < chosen && !greatest.compare_exchange_weak(known, chosen)) {}
  return chosen;
}

/// Every step is one compare-exchange on what a fork wipes: any thread can finish what another began, so nobody waits;
/// and a fork between two steps makes its child begin anew.
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
    unmapped.clear_rest();
    seen = next;
  }
  return static_cast<std::uint32_t>(seen);
}

}  // namespace

namespace detail {

constinit std::atomic<Wiped*> wiped{&unmapped};

std::uint64_t look_for_fork() noexcept {
  int const saved_errno = errno;
  Wiped* const page = find_page();
  std::uint64_t const found = page == nullptr ? compare_process_id() : choose_generation(page->generation);
  errno = saved_errno;
  return found;
}

void distinguish_from(std::uint64_t parent) noexcept {
  if (generation() != parent) return;
  process_and_generation.fetch_add(1);
  unmapped.clear_rest();
}

}  // namespace detail

bool sees_every_fork() noexcept {
  int const saved_errno = errno;
  bool const seen = find_page() != nullptr;
  errno = saved_errno;
  return seen;
}

}  // namespace forksafe
