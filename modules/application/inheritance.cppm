// SPDX-License-Identifier: MIT
module;
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
export module forksafe:inheritance;

import :report;
import :settings;
import forksafe.policy;

namespace forksafe {

/// What a worker inherits from its master, looked at by forksafe.audit where FORKSAFE_AUDIT=1 is in the environment.
class Inheritance {
 public:
  /// In the master, before the application is loaded.
  void prepare(AuditProfile const* profile);
  /// The container is known by now.
  void profile(AuditProfile const* profile);
  /// In the master, before each fork.
  void take_inventory(Settings const& settings) noexcept;
  /// What a fork took from this process, for the line about a subscriber that hangs. Callable in a signal handler.
  [[nodiscard]] std::string_view lost_in_fork() const noexcept;

  /// In a worker: looks, logs and keeps what it found. Does nothing without an inventory, and when called again.
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
  /// What a handler of signals says of a child that hangs: prepared before its fork, and not meant for the process itself.
  struct LostInFork {
    std::string text{};
    std::uint64_t parent = 0;
  } lost_in_fork_{};
  std::vector<FindingRow> findings_{};
};

}  // namespace forksafe
