// SPDX-License-Identifier: MIT
module;
#include <unistd.h>
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;
import forksafe.base;
import forksafe.binding;
import forksafe.std.operators;
import forksafe.uwsgi;

namespace forksafe::uwsgi {
namespace {

int number_of(uwsgi_spooler const* wanted) noexcept {
  int number = 1;
  for (uwsgi_spooler const* spooler = ::uwsgi.spoolers; spooler != nullptr && spooler != wanted; spooler = spooler->next)
    ++number;
  return number;
}

Process in_slot(ProcessKind const& kind, int slot, int incarnation) noexcept {
  return {kind.role, ::getpid(), ::getppid(), slot, incarnation, kind.word};
}

/// Whether `post_fork` has run in this process itself, and not in the one that forked it.
bool is_identified() noexcept { return state.identified != 0 && state.identified == generation(); }

}  // namespace

Process this_process() noexcept {
  if (::uwsgi.i_am_a_spooler != nullptr) {
    int const slot = number_of(::uwsgi.i_am_a_spooler);
    return in_slot(UwsgiPolicy::spooler, slot, incarnation_of(UwsgiPolicy::spooler, slot));
  }
  if (int const mule = ::uwsgi.muleid; mule > 0)
    return in_slot(UwsgiPolicy::mule, mule, incarnation_of(UwsgiPolicy::mule, mule));
  if (::uwsgi.mywid > 0 && ::uwsgi.workers != nullptr) {
    auto const count = static_cast<int>(::uwsgi.workers[::uwsgi.mywid].respawn_count);
    return in_slot(UwsgiPolicy::worker, ::uwsgi.mywid, std::max(count, 1));
  }
  if (::uwsgi.master_process != 0) return {Role::master, ::getpid(), ::getppid(), {}, {}};
  // Without a master this process becomes worker 1 after it has forked the others.
  return in_slot(UwsgiPolicy::worker, 1, 1);
}

Facts facts(Process const& child) noexcept {
  return {
      .process = this_process(), .child = child, .forked = ::getpid() != state.forking_process, .app_loaded = state.app_loaded};
}

void post_fork() noexcept {
  base::ErrnoGuard const kept_errno;
  if (!state.hosted.is_made()) return;
  state.identified = generation();
  state.hosted.raise<"post_fork", ApplicationPostFork>(facts());
}

void fixup() noexcept {
  base::ErrnoGuard const kept_errno;
  if (is_identified()) state.hosted.raise<"fixup", ApplicationPostWorkerInit>(facts());
}

void hijack_worker() noexcept {
  base::ErrnoGuard const kept_errno;
  if (is_identified()) state.hosted.raise<"hijack_worker", ApplicationWorkerReady>(facts());
}

/// Runs at exit() of every process that uWSGI has forked, also of gateways and of daemons that could not be started. It may run
/// in a signal handler. A subscriber that it interrupts, or that calls exit(), has failed: the exit is not an orderly one then.
void exit_of_child() noexcept {
  base::ErrnoGuard const kept_errno;
  if (!is_identified() || HostedApplication::is_in_subscriber()) return;
  state.hosted.raise<"atexit", ApplicationWorkerExit>(facts());
}

}  // namespace forksafe::uwsgi
