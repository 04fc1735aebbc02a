// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.policy:process;

import forksafe.std;

namespace forksafe {

/// Whether two texts are equal: forksafe.std has no operators.
[[nodiscard]] constexpr bool are_equal(std::string_view one, std::string_view other) noexcept {
  return one.compare(other) == 0;
}

}  // namespace forksafe

export namespace forksafe {

/// The purposes of processes in a pre-forking server.
enum class Role : std::uint8_t {
  unknown,
  /// It forks the others.
  master,
  /// It serves requests, or jobs, one after the other.
  worker,
  /// It serves none, and lives as long as the server.
  helper,
  /// It was forked for one job, and ends with it.
  task
};

inline constexpr std::size_t role_count = static_cast<std::size_t>(Role::task) + 1;

[[nodiscard]] constexpr std::string_view name_of(Role role) noexcept {
  switch (role) {
    case Role::master: return "master";
    case Role::worker: return "worker";
    case Role::helper: return "helper";
    case Role::task: return "task";
    case Role::unknown: break;
  }
  return "unknown";
}

/// A container's own word for some of its processes, and the role that they have.
struct ProcessKind {
  std::string_view word;
  Role role = Role::helper;

  [[nodiscard]] constexpr bool is_called(std::string_view name) const noexcept { return are_equal(word, name); }
  constexpr bool operator==(ProcessKind const& other) const noexcept { return is_called(other.word) && role == other.role; }
};

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
  /// The container's own word for it, one of its policy's `processes`; empty where the role is enough.
  std::string_view word{};
};

/// Returns the name of the process in every view: its container's word, else its role.
[[nodiscard]] constexpr std::string_view name_of(Process const& process) noexcept {
  return process.word.empty() ? name_of(process.role) : process.word;
}

}  // namespace forksafe
