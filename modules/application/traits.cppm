// SPDX-License-Identifier: MIT
export module forksafe:traits;

import :report;
import :subscriber;
import forksafe.audit;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// The constants of an application: its report, its policy's wiring and its choices.
struct ApplicationTraits {
  Report const* report;
  std::span<Wire const> wiring;
  std::string_view container;
  Failure on_failure;
  /// Makes a worker exit so that its container replaces it.
  Leaving leave;
  /// Suffix of hook names in the debug object, kept for compatibility: `_hook` in `post_fork_hook`.
  std::string_view hook_suffix;
  /// The container's own open files, nullptr if its policy does not list them.
  AuditProfile const* audit_profile = nullptr;
  /// The container's own words for its processes.
  std::span<ProcessKind const> processes{};
};

/// Returns the journal's number for a kind of process: its role's, or after the roles' that of the container's own word.
[[nodiscard]] constexpr std::uint8_t kind_of(Process const& process, std::span<ProcessKind const> words) noexcept {
  for (std::size_t place = 0; place != words.size(); ++place)
    if (words[place].is_called(process.word)) return static_cast<std::uint8_t>(role_count + place);
  return static_cast<std::uint8_t>(process.role);
}

[[nodiscard]] constexpr ProcessKind kind_numbered(std::uint8_t number, std::span<ProcessKind const> words) noexcept {
  if (number >= role_count + words.size()) return {{}, Role::unknown};
  return number < role_count ? ProcessKind{{}, static_cast<Role>(number)} : words[number - role_count];
}

}  // namespace forksafe
