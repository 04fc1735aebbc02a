// SPDX-License-Identifier: MIT
module;
#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/types.h>
export module forksafe:process;

export namespace forksafe {

/// What a process of a pre-forking server is there for.
enum class Role : std::uint8_t { unknown, master, worker, mule, spooler };

[[nodiscard]] constexpr std::string_view name_of(Role role) noexcept {
  switch (role) {
    case Role::master: return "master";
    case Role::worker: return "worker";
    case Role::mule: return "mule";
    case Role::spooler: return "spooler";
    case Role::unknown: break;
  }
  return "unknown";
}

/// One process of a server, as far as the container tells.
struct Process {
  Role role = Role::unknown;
  /// 0 while the process does not exist yet, as for the child named by ApplicationPreFork.
  pid_t pid = 0;
  pid_t parent = 0;
  /// The small number, from 1, that a replacement inherits from the process it replaces.
  std::optional<int> slot{};
  /// How many times the slot was filled, from 1.
  std::optional<int> incarnation{};
};

/// Counts the forks between the start of the program and the calling process: equal numbers mean one process.
///
/// Sees `fork()` by a handler, and `_Fork()` and raw `clone` by a page that the kernel wipes in the child (Linux 4.14,
/// MADV_WIPEONFORK); without that page it falls back on comparing the process id. `vfork` and `posix_spawn` share or
/// replace the address space and do not count. Takes no lock; never throws; callable from any thread.
[[nodiscard]] std::uint64_t generation() noexcept;

/// How many forks on the way to this process ran no fork handler, and so can't have been announced by a container.
[[nodiscard]] std::uint64_t unannounced_forks() noexcept;

/// What a binding wants to be told of every `fork()` of this process, announced by its container or not.
struct ForkWatch {
  /// In the parent, before the fork.
  void (*prepare)() noexcept = nullptr;
  /// In the parent, after the fork, also after one that failed.
  void (*parent)() noexcept = nullptr;
};

/// Starts counting forks, and from now on calls `watch` around each. One watch per process, the last one wins.
/// Not callable from a fork handler: glibc 2.28 to 2.35 deadlocks there (glibc bug 24595).
void watch_forks(ForkWatch watch = {}) noexcept;

}  // namespace forksafe
