// SPDX-License-Identifier: MIT
module;
#include <csignal>
export module forksafe.audit:run;

import :finding;
import :kind;
import forksafe.std;

export namespace forksafe {

/// Remembers what this process has open now: inherited from its starter, or made before anything of the application ran. A
/// child may share it, except connections over the network. The first call counts.
void audit_start();

/// Tells the audit what the container makes for itself, which is then allowed. `profile` must outlive the process.
void audit_container(AuditProfile const& profile) noexcept;

/// Takes the inventory that a child is audited against; called in the parent, just before a fork. Callable from any thread that
/// forks, also from a prepare handler. Costs about 10 us a descriptor, and nothing in the child. Waits up to 50 ms for threads
/// that may be about to end: those that are new since the latest inventory, and those that are at work.
void audit_before() noexcept;

/// Returns the names of the threads that a child loses if it is forked after the latest inventory of this process, as in
/// `'poller', 4 of 'pool'`; includes those whose loss is allowed. Empty if there are none, and without an inventory.
[[nodiscard]] std::string threads_to_lose();

/// Whether this process was forked after an inventory and has not been audited yet.
[[nodiscard]] bool audit_due() noexcept;

/// Reports what this child inherited and should not use. Call it when the process has come to its work, not in a fork handler:
/// what is repaired until then is not reported. Compares open files by kcmp(2); where that is forbidden, by number, inode and
/// what else the kernel tells. Empty in a process that was not forked after an inventory. `waits_with` is the signal mask with
/// which the process is about to wait, as ppoll(2) takes it; null if that is its own.
[[nodiscard]] AuditReport audit(sigset_t const* waits_with = nullptr);

/// Returns the audit's finding about a descriptor that the child is about to use by `call`, as in `write()`, one severity
/// higher, because a mere risk does harm now. Reports each descriptor below 4096 once, and nothing that the audit does not
/// mention or takes for mere information. Costs a few microseconds for each inherited descriptor.
[[nodiscard]] std::optional<Finding> audit_use(int descriptor, std::string_view call);

}  // namespace forksafe
