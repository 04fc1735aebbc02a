// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.audit:finding;

import forksafe.std;

export namespace forksafe {

enum class Severity : std::uint8_t { info, warning, error, critical };

enum class Hazard : std::uint8_t {
  thread_lost,
  descriptor_shared,
  lock_orphaned,
  random_duplicated,
  output_duplicated,
  fork_unannounced,
  memory_shared,
  signals_inherited
};

[[nodiscard]] std::string_view name_of(Severity severity) noexcept;
[[nodiscard]] std::string_view name_of(Hazard hazard) noexcept;

/// One unsafe thing that crossed a fork.
struct Finding {
  Severity severity = Severity::info;
  Hazard hazard{};
  /// As in `connected TCP socket, descriptor 7`.
  std::string what;
  /// Its owner, path, peer and thread, as far as they are known.
  std::string where_from;
  /// What goes wrong unless it is repaired.
  std::string_view why;
  /// The resource kind that repairs it.
  std::string_view repair;
};

/// Something that crossed the fork, and the reason why that is fine.
struct Allowed {
  std::string what;
  std::string reason;
};

/// What a fork of a process costs, in bytes. All 0 where reading it is forbidden.
struct ForkCost {
  /// All that is in memory, shared files included.
  std::uint64_t resident = 0;
  /// The part that belongs to no file: its pages are copied one by one, when either process first writes to them.
  std::uint64_t anonymous = 0;
  /// The part of `anonymous` that is in huge pages.
  std::uint64_t huge = 0;
  /// The most that the fork itself copies.
  std::uint64_t page_tables = 0;
};

/// What one child inherited. Empty in a process that was forked without an inventory.
struct AuditReport {
  pid_t process = 0;
  pid_t parent = 0;
  /// The worst first.
  std::vector<Finding> findings;
  std::vector<Allowed> allowed;
  /// The cost of a fork of the parent, measured at the audit; a fact, not a finding.
  ForkCost cost{};
};

/// Returns a table for people, one finding a paragraph.
[[nodiscard]] std::string to_text(AuditReport const& report);
/// Returns one line of JSON.
[[nodiscard]] std::string to_json(AuditReport const& report);

}  // namespace forksafe
