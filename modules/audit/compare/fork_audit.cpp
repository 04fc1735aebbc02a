// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.generation;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {

ForkAudit::ForkAudit(Inventory const& inventory, Baseline const& baseline, AuditProfile const& container)
    : inventory_(inventory), baseline_(baseline), container_(container) {
  report_.process = ::getpid();
  report_.parent = inventory.process;
}

AuditReport ForkAudit::of_everything(sigset_t const* waits_with) && {
  find_unannounced_fork();
  find_lost_threads();
  for (SeenDescriptor const& seen : inventory_.descriptors) examine(seen);
  for (SeenDeclaration const& seen : inventory_.declarations) examine(seen);
  find_pending_output();
  find_shared_memory();
  find_inherited_signals(waits_with);
  report_cost();
  return std::move(report_);
}

AuditReport ForkAudit::of_descriptor(int number) && {
  auto const seen = std::ranges::find(inventory_.descriptors, number, &SeenDescriptor::number);
  if (seen != inventory_.descriptors.end()) examine(*seen);
  return std::move(report_);
}

void ForkAudit::add(Finding finding) {
  auto const before = std::ranges::upper_bound(report_.findings, finding.severity, std::ranges::greater{}, &Finding::severity);
  report_.findings.insert(before, std::move(finding));
}

void ForkAudit::allow(std::string what, std::string_view reason) {
  report_.allowed.push_back({std::move(what), std::string{reason}});
}

void ForkAudit::find_unannounced_fork() {
  std::uint64_t const missed = unannounced_forks() - inventory_.unannounced;
  if (missed == 0) return;
  add({Severity::warning, Hazard::fork_unannounced, "fork that no handler saw",
       base::concat("by clone, _Fork or the system call itself; ", missed, " since the last inventory"),
       "nothing was stopped, locked or flushed before it; what repairs itself at the next use still does",
       "DropAndReopen, Reseed and NeverTouch notice it by themselves"});
}

void ForkAudit::find_pending_output() {
  for (SeenStream const& stream : inventory_.streams)
    if (stream.pending != 0)
      add({Severity::warning, Hazard::output_duplicated, "stream '" + stream.name + "'",
           std::to_string(stream.pending) + " bytes in its buffer at the fork", "each process writes them once more",
           "PreForkOnly"});
}

}  // namespace forksafe
