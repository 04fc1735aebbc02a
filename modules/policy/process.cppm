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

}  // namespace forksafe
