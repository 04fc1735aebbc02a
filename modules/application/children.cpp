// SPDX-License-Identifier: MIT
// Records and logs in the parent how a child has exited, because the child cannot do so any more.
module;
#include <csignal>
#include <sys/wait.h>
module forksafe;

import :context;
import :hosted;
import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Whether a wait status shows that the end was asked for.
bool is_orderly(int status) noexcept {
  if (WIFEXITED(status)) return WEXITSTATUS(status) == 0;
  int const signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

Writer to_writer(Process const& process, std::span<ProcessKind const> words) noexcept {
  return {kind_of(process, words),         process.pid, process.parent, process.slot.value_or(0),
          process.incarnation.value_or(0), true};
}

std::string named(Process const& process) {
  return base::concat(name_of(process), process.slot ? base::concat(" ", *process.slot) : "", ", pid ", process.pid);
}

std::string ending(std::optional<int> status) {
  if (status && WIFSIGNALED(*status)) return ", killed by signal " + std::to_string(WTERMSIG(*status));
  if (status && WIFEXITED(*status)) return ", with status " + std::to_string(WEXITSTATUS(*status));
  return {};
}

}  // namespace

void HostedApplication::child_is_forked(ApplicationPostForkParent const& event) noexcept {
  // It is not known of every child yet which it is.
  if (event.child.pid > 0 || event.child.slot)
    context_.journal.expect(to_writer(event.child, context_.traits.processes), SteadyTime::clock::now());
}

void HostedApplication::child_is_gone(ApplicationWorkerReaped const& event) noexcept try {
  Process const& child = event.child;
  auto const now = SteadyTime::clock::now();
  if (!context_.journal.mark_exited(child.pid, now)) {
    // An end that was asked for may come before the first event.
    if (event.status && is_orderly(*event.status)) return context_.journal.excuse(to_writer(child, context_.traits.processes));
    context_.journal.miss(to_writer(child, context_.traits.processes), now);
    log_line("a child has exited before it heard an event (" + named(child) + ending(event.status) + "): it ended inside " +
             "fork(), where a library's pthread_atfork handler may have waited for a lock, or right after it; stop that "
             "library's threads before the fork, or load it after the fork");
    return;
  }
  std::vector<JournalRecord> const records = context_.journal.latest().records;
  auto const last = std::ranges::find(records | std::views::reverse, child.pid, &JournalRecord::pid);
  if (last == std::ranges::rend(records) || last->outcome != Outcome::died_inside) return;
  log_line("subscriber " + last->subscriber + " failed on " + std::string{last->event} + " (hook " + std::string{last->hook} +
           ", " + named(child) + "): its process ended inside it" + ending(event.status));
} catch (std::exception const&) {
  log_line("a child has exited, and there was no memory to say how");
}

}  // namespace forksafe
