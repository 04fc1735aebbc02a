// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
module forksafe;

namespace forksafe {
namespace {

constinit std::atomic<std::uint64_t> forks{1};
constinit std::atomic<std::uint64_t> unannounced{0};
constinit std::atomic<std::uint32_t>* wiped_page = nullptr;
constinit std::atomic<pid_t> known_process{0};
constinit ForkWatch current_watch{};

/// True once in each process that a fork made.
bool first_look_after_fork() noexcept {
  if (wiped_page != nullptr) return wiped_page->exchange(1, std::memory_order_relaxed) == 0;
  pid_t const process = ::getpid();
  return known_process.exchange(process, std::memory_order_relaxed) != process;
}

void before_fork() {
  int const saved_errno = errno;
  if (current_watch.prepare != nullptr) current_watch.prepare();
  errno = saved_errno;
}

void after_fork_in_parent() {
  int const saved_errno = errno;
  if (current_watch.parent != nullptr) current_watch.parent();
  errno = saved_errno;
}

void after_fork_in_child() {
  if (first_look_after_fork()) forks.fetch_add(1, std::memory_order_relaxed);
}

void map_wiped_page() noexcept {
  auto const size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (::madvise(page, size, MADV_WIPEONFORK) != 0) {
    ::munmap(page, size);
    return;
  }
  wiped_page = static_cast<std::atomic<std::uint32_t>*>(page);
}

}  // namespace

std::uint64_t generation() noexcept {
  bool const looked = wiped_page != nullptr && wiped_page->load(std::memory_order_relaxed) != 0;
  if (!looked && known_process.load(std::memory_order_relaxed) != 0 && first_look_after_fork()) {
    unannounced.fetch_add(1, std::memory_order_relaxed);
    return forks.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  return forks.load(std::memory_order_relaxed);
}

std::uint64_t unannounced_forks() noexcept {
  static_cast<void>(generation());
  return unannounced.load(std::memory_order_relaxed);
}

void watch_forks(ForkWatch watch) noexcept {
  current_watch = watch;
  if (known_process.load(std::memory_order_relaxed) != 0) return;
  map_wiped_page();
  static_cast<void>(first_look_after_fork());
  known_process.store(::getpid(), std::memory_order_relaxed);
  ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace forksafe
