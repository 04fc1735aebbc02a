// SPDX-License-Identifier: MIT
export module forksafe.audit:run;

import :finding;
import :kind;

export namespace forksafe {

/// Remembers what this process has open now: what it got from whoever started it, or made before anything of the
/// application ran. A child may share it, except connections over the network. The first call counts.
void audit_start();

/// What the host makes for itself, which the audit then allows. `profile` must outlive the process.
void audit_host(HostProfile const& profile) noexcept;

/// In the parent, just before a fork: takes the inventory that its child is audited against. Callable from any thread
/// that forks, also from a prepare handler. Costs about 10 us a descriptor, and nothing in the child.
void audit_before() noexcept;

/// Whether this process was forked behind an inventory and has not been audited yet.
[[nodiscard]] bool audit_due() noexcept;

/// In the child: what it inherited and should not use. Call it when the process has come to its work, not in a fork
/// handler: what is repaired until then is no finding. Compares open files by kcmp(2); where that is forbidden, by
/// number, inode and what else the kernel tells. Empty in a process that was not forked behind an inventory.
[[nodiscard]] AuditReport audit();

}  // namespace forksafe
