// SPDX-License-Identifier: MIT
export module forksafe.generation:count;

import forksafe.std;

namespace forksafe::detail {

/// The largest page of the architecture. Not more: valgrind reads no symbols of a program aligned to more than its pages.
#if defined(__x86_64__)
inline constexpr std::size_t largest_page = 4096;
#else
inline constexpr std::size_t largest_page = 65536;
#endif

/// Memory that a forked child finds full of zeros, because the kernel wipes the page (Linux 4.14, MADV_WIPEONFORK). It has its
/// pages to itself.
struct alignas(largest_page) Wiped {
  /// Positive: the generation of this process. 0: not looked up since the fork. Negative: a thread is looking it up.
  std::atomic<std::int64_t> generation{0};
  /// The forks and guards that keep each other waiting; see PreventFork.
  std::atomic<std::uint64_t> gate{0};
  /// Whether a thread registers the fork handlers.
  std::atomic<bool> registering{false};

  void clear_rest() noexcept {
    gate.store(0);
    registering.store(false);
  }
};

/// Where the kernel was not asked yet, or refuses, the generation in it stays 0, and the call that notices a fork clears the
/// rest. Hidden, and not a pointer to a mapping: a check of the generation has nothing else to load.
[[gnu::visibility("hidden")]] extern constinit Wiped wiped;

/// Handles everything but the usual case. Keeps errno.
std::uint64_t look_for_fork() noexcept;

}  // namespace forksafe::detail

export namespace forksafe {

/// Returns a number from 1 that is greater in a child than any that its ancestors saw: equal numbers mean one process.
///
/// Reads a page that the kernel wipes in each child. So it sees `fork()`, `_Fork()` and raw `clone`, also where a child in a
/// nested pid namespace has its parent's process id; `vfork` and `posix_spawn` share or replace the address space and do not
/// count. Each fork counts once; those of processes that never looked count as one. Takes no lock, never waits or throws, keeps
/// errno; callable from any thread, fork handler and signal handler.
[[nodiscard]] inline std::uint64_t generation() noexcept {
  std::int64_t const known = detail::wiped.generation.load(std::memory_order_relaxed);
  return known > 0 ? static_cast<std::uint64_t>(known) : detail::look_for_fork();
}

/// Whether generation() rests on the page. False before Linux 4.14 and under emulators that do not wipe it: then it rests on
/// the process id and the handler of watch_forks(), and misses a child that shares its parent's id and ran no handler. Code
/// that cannot afford that has to behave as if a fork preceded each use.
[[nodiscard]] bool sees_every_fork() noexcept;

}  // namespace forksafe
