// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <sys/types.h>
export module forksafe.audit:fork_audit;

import :finding;
import :inventory;
import :kind;
import :declarations;
import forksafe.std;

namespace forksafe {

/// What a process had before anything of the application ran.
struct Baseline {
  std::vector<SeenDescriptor> descriptors;
  /// The shared and the wiped memory.
  std::vector<SeenMapping> mappings;
  SeenSignals signals;
};

/// Compares a child with the inventory that its parent took before the fork.
class ForkAudit {
 public:
  ForkAudit(Inventory const& inventory, Baseline const& baseline, AuditProfile const& container);

  [[nodiscard]] AuditReport of_everything(sigset_t const* waits_with) &&;
  [[nodiscard]] AuditReport of_descriptor(int number) &&;

 private:
  /// Adds a finding, the worst first, otherwise in the order of finding.
  void add(Finding finding);
  void allow(std::string what, std::string_view reason);

  void find_unannounced_fork();
  void find_pending_output();

  void find_lost_threads();
  void add_lost_threads(std::string_view name, std::size_t count);
  [[nodiscard]] std::string lock_named(std::uintptr_t address) const;
  [[nodiscard]] std::string name_of_thread(pid_t id) const;

  void examine(SeenDescriptor const& seen);
  [[nodiscard]] bool is_in_baseline(SeenDescriptor const& seen) const;
  [[nodiscard]] std::string_view declared_as(DeclarationKind kind, SeenDescriptor const& seen) const;
  [[nodiscard]] std::string_view reason_of_container(DescriptorKind kind, std::string_view path, int flags) const;
  /// Two numbers of one open file, the two ends of one pipe, and the mappings of one file count as one hazard.
  [[nodiscard]] bool seen_already(dev_t device, ino_t inode, DescriptorKind kind);

  void examine(SeenDeclaration const& seen);
  [[nodiscard]] bool still_declared(DeclarationRecord const& declaration) const;
  void examine_lock(SeenDeclaration const& seen);
  void examine_condition(SeenDeclaration const& seen);
  void examine_generator(SeenDeclaration const& seen);

  void find_inherited_signals(sigset_t const* waits_with);
  void find_blocked_signals(sigset_t const& blocked);
  void find_unloaded_handlers(std::vector<SeenMapping> const& code);
  void find_stopped_timers(SeenSignals const& now, std::vector<SeenMapping> const& code);
  void find_fatal_pipe_signal(SeenSignals const& now);
  /// Whether the user allows the signal; the report then repeats the reason.
  [[nodiscard]] bool allowed_signal(std::string_view what, int signal);

  void find_shared_memory();
  void examine(SeenMapping const& seen);
  void report_unnamed_memory(std::vector<SeenMapping> const& own);
  void report_kept_memory(std::vector<SeenMapping> const& own);
  void report_cost();

  struct Examined {
    dev_t device;
    ino_t inode;
    DescriptorKind kind;
  };

  Inventory const& inventory_;
  Baseline const& baseline_;
  AuditProfile const& container_;
  std::vector<DeclarationRecord> const declarations_ = declarations();
  std::vector<Examined> examined_{};
  /// The numbers of connections that findings are about.
  std::vector<int> shared_connections_{};
  AuditReport report_{};
};

}  // namespace forksafe
