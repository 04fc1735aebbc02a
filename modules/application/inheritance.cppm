// SPDX-License-Identifier: MIT
export module forksafe:inheritance;

import :report;
import :settings;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// Looks by forksafe.audit at what a worker inherits from its master, where FORKSAFE_AUDIT=1 is in the environment.
class Inheritance {
 public:
  /// Called in the master, before the application is loaded.
  void prepare(AuditProfile const* profile);
  /// Called once the container is known.
  void profile(AuditProfile const* profile);
  /// Called in the master, before each fork.
  void take_inventory(Settings const& settings) noexcept;
  /// Returns what a fork took from this process, for the line about a subscriber that hangs. Callable in a signal handler.
  [[nodiscard]] std::string_view lost_in_fork() const noexcept;

  /// Audits a worker, logs and keeps the findings. Does nothing without an inventory, and when called again.
  void audit() noexcept;
  /// Whether the first request has to call audit().
  [[nodiscard]] bool is_due() const noexcept { return is_due_; }

  [[nodiscard]] bool audited() const noexcept { return audited_; }
  [[nodiscard]] std::vector<FindingRow> const& findings() const noexcept { return findings_; }

 private:
  bool is_wanted_ = false;
  bool is_set_up_ = false;
  bool is_due_ = false;
  bool audited_ = false;
  /// The text of a signal handler about a child that hangs: prepared before its fork, and not meant for the process itself.
  struct LostInFork {
    std::string text{};
    std::uint64_t parent = 0;
  } lost_in_fork_{};
  std::vector<FindingRow> findings_{};
};

}  // namespace forksafe
