// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
export module forksafe.audit:run;

import :finding;
import :kind;

export namespace forksafe {

/// Remembers what this process has open now: what it got from whoever started it, or made before anything of the
/// application ran. A child may share it, except connections over the network. The first call counts.
void audit_start();

/// What the container makes for itself, which the audit then allows. `profile` must outlive the process.
void audit_container(AuditProfile const& profile) noexcept;

/// In the parent, just before a fork: takes the inventory that its child is audited against. Callable from any thread
/// that forks, also from a prepare handler. Costs about 10 us a descriptor, and nothing in the child. Waits up to 50 ms for
/// threads that may be about to end: those that are new since the latest inventory, and those that are at work.
void audit_before() noexcept;

/// What a child that is forked after the latest inventory of this process loses: the names of its threads, as in
/// `'poller', 4 of 'pool'`, those included whose loss is allowed. Empty if there are none, and without an inventory.
[[nodiscard]] std::string threads_to_lose();

/// Whether this process was forked after an inventory and has not been audited yet.
[[nodiscard]] bool audit_due() noexcept;

/// In the child: what it inherited and should not use. Call it when the process has come to its work, not in a fork
/// handler: what is repaired until then is no finding. Compares open files by kcmp(2); where that is forbidden, by
/// number, inode and what else the kernel tells. Empty in a process that was not forked after an inventory. `waits_with` is the
/// signal mask with which the process is about to wait, as ppoll(2) takes it; null if that is its own.
[[nodiscard]] AuditReport audit(sigset_t const* waits_with = nullptr);

/// In the child, when it is about to use a descriptor by `call`, as in `write()`: what the audit says of the descriptor, one
/// severity higher, because what was only there does harm now. Once for each descriptor below 4096; nothing of what the
/// audit does not mention or takes for mere information. A few microseconds for each that is inherited.
[[nodiscard]] std::optional<Finding> audit_use(int descriptor, std::string_view call);

}  // namespace forksafe
