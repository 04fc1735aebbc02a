// SPDX-License-Identifier: MIT
export module forksafe.generation:watch;

import forksafe.std;

namespace forksafe::detail {

/// Called in a child whose process id is its parent's, where no page tells them apart: `parent` is the parent's generation.
void distinguish_from(std::uint64_t parent) noexcept;

void register_fork_handlers() noexcept;

/// Whether this thread is in a fork handler of its parent's side, or in the fork.
[[nodiscard]] bool is_forking() noexcept;

}  // namespace forksafe::detail

export namespace forksafe {

/// The functions that a binding has called around every `fork()` of this process, announced by its container or not. They are
/// not called for forks that the watch itself makes, as a subscriber may that it calls.
struct ForkWatch {
  /// Called in the parent, before the fork.
  void (*prepare)() noexcept = nullptr;
  /// Called in the parent, after the fork, also after one that failed.
  void (*parent)() noexcept = nullptr;
  /// Called in the child, after the fork, when its generation is known: may only do what a fork handler may do.
  void (*child)() noexcept = nullptr;
};

/// Registers the fork handlers, once, and from now on calls `watch` around each fork. One watch per process: the last one
/// wins, from the next fork on. Callable from any thread, but not from a fork handler: glibc 2.28 to 2.35 deadlocks there
/// (glibc bug 24595).
void watch_forks(ForkWatch watch = {}) noexcept;

/// Returns how many forks on the way to this process ran no fork handler, and so cannot have been announced by a container.
/// Counted since the first watch_forks().
[[nodiscard]] std::uint64_t unannounced_forks() noexcept;

}  // namespace forksafe
