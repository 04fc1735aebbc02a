// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
module forksafe.audit;

import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {

std::string ForkAudit::lock_named(std::uintptr_t address) const {
  for (auto const& [declaration, holder, drawn] : inventory_.declarations) {
    auto const begin = reinterpret_cast<std::uintptr_t>(declaration.object);
    if (address >= begin && address < begin + size_of(declaration.kind)) return declaration.text;
  }
  return {};
}

std::string ForkAudit::name_of_thread(pid_t id) const {
  for (SeenThread const& thread : inventory_.threads)
    if (thread.id == id) return " '" + thread.name + "'";
  return {};
}

void ForkAudit::find_lost_threads() {
  for (auto const& [name, count] : counted_names(inventory_.threads)) add_lost_threads(name, count);
}

void ForkAudit::add_lost_threads(std::string_view name, std::size_t count) {
  auto const first = std::ranges::find(inventory_.threads, name, &SeenThread::name);
  std::string const what = count == 1 ? base::concat("thread '", name, "'") : base::concat(count, " threads '", name, "'");
  for (ContainerThread const& known : container_.threads)
    if (name.starts_with(known.name)) return allow(what, known.reason);
  if (std::string_view const reason = reason_to_allow(AllowedThing::thread, name); !reason.empty()) return allow(what, reason);
  std::string const lock = first->waits_for == 0 ? "" : lock_named(first->waits_for);
  add({Severity::error, Hazard::thread_lost, what, lock.empty() ? first->doing : "waits for '" + lock + "'",
       "runs in the parent only: its work is not done in the child, and the locks it held stay held", "StopRestart"});
}

}  // namespace forksafe
