// SPDX-License-Identifier: MIT
#pragma once
#include "../kit/skips.hpp"
#include "child.hpp"
#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

#ifdef UNDER_TSAN
inline constexpr bool under_tsan = true;
#else
inline constexpr bool under_tsan = false;
#endif
#ifdef UNDER_ASAN
inline constexpr bool under_asan = true;
#else
inline constexpr bool under_asan = false;
#endif

/// A fork that runs no handler.
inline pid_t raw_clone() { return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }

/// in_child whose child dies of SIGALRM instead of hanging.
template <class Work>
ChildResult in_watched_child(Work work, pid_t (*make)() = ::fork) {
  return in_child(
      [&] {
        ::alarm(60);
        return work();
      },
      make);
}

/// What `count` threads find that do the same at the same time.
template <class Work>
auto in_threads(std::size_t count, Work work) {
  std::vector<decltype(work())> found(count);
  std::atomic<std::size_t> ready{0};
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index != count; ++index)
    threads.emplace_back([&, index] {
      ++ready;
      while (ready.load() != count) {}
      found[index] = work();
    });
  for (std::thread& thread : threads) thread.join();
  return found;
}
