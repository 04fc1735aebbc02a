// SPDX-License-Identifier: MIT
#pragma once
#include "child.hpp"
#include "sanitizers.hpp"
#include "skips.hpp"
#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

/// Forks without running a fork handler.
inline pid_t raw_clone() { return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }

/// Returns what `count` threads find that do the same at the same time.
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
