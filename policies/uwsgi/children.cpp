// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
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

/// A position in uWSGI's tables, which successive workers, mules or spoolers fill.
struct Place {
  ProcessKind kind;
  int slot;
  uwsgi_spooler* spooler = nullptr;
  int incarnation = 0;
  /// The pid of the process that lives there, as far as the master knows; 0 if there is none.
  pid_t living = 0;
  /// The pid in uWSGI's table at the last look, dead or alive.
  pid_t seen = 0;
  /// The mark of the announced fork, which differs from that of the one before. uWSGI does not retry a failed fork.
  std::int64_t announced = -1;
};

constinit std::vector<Place>* places = nullptr;

/// The fork under way in the master.
struct Fork {
  enum class Kind { none, worker, unbracketed } kind = Kind::none;
  Process child{};
  int errno_before = 0;
};
constinit Fork under_way{};

/// Whether events are being raised: a fork of a subscriber is not one of uWSGI's, and raises no event.
constinit bool raising_events = false;

constinit bool ready = false;

class RaisingEvents {
 public:
  RaisingEvents() noexcept { raising_events = true; }
  ~RaisingEvents() { raising_events = false; }
  RaisingEvents(RaisingEvents const&) = delete;
  RaisingEvents& operator=(RaisingEvents const&) = delete;
};

bool is_forking_process() noexcept { return places != nullptr && ::getpid() == state.forking_process; }

pid_t noted_pid(Place const& place) noexcept {
  if (place.kind.role == Role::worker) return ::uwsgi.workers[place.slot].pid;
  return place.spooler == nullptr ? ::uwsgi.mules[place.slot - 1].pid : place.spooler->pid;
}

bool is_dead(pid_t process) noexcept { return process <= 0 || (::kill(process, 0) != 0 && errno == ESRCH); }

/// Returns the process in the place; the pid is 0 before the fork.
Process child_in(Place const& place, pid_t pid = 0) noexcept {
  return {place.kind.role, pid, ::getpid(), place.slot, place.incarnation, place.kind.word};
}

int counted_incarnation(int worker) noexcept { return static_cast<int>(::uwsgi.workers[worker].respawn_count); }

/// Returns the place whose count of respawns uWSGI has just raised, which it does before the fork.
Place* worker_to_fork() noexcept {
  for (Place& place : *places)
    if (place.kind.role == Role::worker && counted_incarnation(place.slot) != place.incarnation) return &place;
  return nullptr;
}

/// Returns the mule or spooler that has no live process, which uWSGI must be about to fork. Null in all other forks: those of
/// gateways, daemons, cron jobs and subscribers.
Place* unbracketed_to_fork() noexcept {
  auto const& status = ::uwsgi.status;
  if (status.gracefully_reloading || status.brutally_reloading) return nullptr;
  if (status.gracefully_destroying || status.brutally_destroying) return nullptr;
  for (Place& place : *places) {
    if (place.kind.role == Role::worker || !is_dead(noted_pid(place))) continue;
    auto const attempt =
        place.spooler == nullptr ? std::int64_t{noted_pid(place)} : static_cast<std::int64_t>(place.spooler->respawned);
    if (place.announced == attempt) continue;
    place.announced = attempt;
    return &place;
  }
  return nullptr;
}

/// Raises the events of children that have exited, and notes the pids of new ones.
void look_after_children(Watch const& watch) noexcept {
  for (Place& place : *places) {
    pid_t const noted = noted_pid(place);
    if (place.living != 0 && (noted != place.living || (place.kind.role != Role::worker && is_dead(place.living)))) {
      pid_t const gone = place.living;
      place.living = 0;
      state.hosted.raise<ApplicationWorkerReaped>(watch, facts(child_in(place, gone)));
    }
    if (noted > 0 && noted != place.seen) place.living = noted;
    place.seen = noted;
  }
}

/// Raises the failure of a worker's fork that no `post_uwsgi_fork` has followed, even if errno did not show it.
void settle_fork(Watch const& watch) noexcept {
  if (under_way.kind != Fork::Kind::worker) return;
  under_way.kind = Fork::Kind::none;
  state.hosted.raise<ApplicationForkFailed>(watch, facts(under_way.child));
}

void look_around(Watch const& watch) noexcept {
  settle_fork(watch);
  look_after_children(watch);
}

void before_any_fork() noexcept {
  under_way.errno_before = errno;
  if (raising_events || under_way.kind != Fork::Kind::none || !is_forking_process()) return;
  Place* const place = unbracketed_to_fork();
  if (place == nullptr) return;
  RaisingEvents const guard;
  look_around(Watch::of<"pthread_atfork_prepare">());
  ++place->incarnation;
  under_way.child = child_in(*place);
  declare_own_sockets();
  state.hosted.raise<"pthread_atfork_prepare", ApplicationPreFork>(facts(under_way.child));
  under_way.kind = Fork::Kind::unbracketed;
}

/// Recognises a failed fork by errno, which fork() changes only if it fails. An equal errno does not prove success: the next
/// hook then settles the fork of an announced worker. A mule's failure looks like success, whose event undoes the same things.
void after_any_fork() noexcept {
  int const error = errno;
  Fork::Kind const kind = under_way.kind;
  if (raising_events || kind == Fork::Kind::none || !is_forking_process()) return;
  bool const failed = error != under_way.errno_before;
  if (kind == Fork::Kind::worker && !failed) return;
  under_way.kind = Fork::Kind::none;
  RaisingEvents const guard;
  if (failed) {
    Facts carried = facts(under_way.child);
    carried.error = error;
    state.hosted.raise<"pthread_atfork_parent", ApplicationForkFailed>(carried);
  } else {
    state.hosted.raise<"pthread_atfork_parent", ApplicationPostForkParent>(facts(under_way.child));
  }
}

void remember_places() {
  auto* const found = new std::vector<Place>;
  for (int worker = 1; worker <= ::uwsgi.numproc; ++worker) found->push_back({UwsgiPolicy::worker, worker});
  // Spoolers come first, as uWSGI starts them in this order, and unbracketed_to_fork() has to guess.
  int number = 0;
  for (uwsgi_spooler* spooler = ::uwsgi.spoolers; spooler != nullptr; spooler = spooler->next) {
    ++number;
    if (spooler->mode != UWSGI_SPOOLER_EXTERNAL) found->push_back({UwsgiPolicy::spooler, number, spooler});
  }
  // Without a master uWSGI starts no mules.
  int const mules = ::uwsgi.master_process != 0 ? ::uwsgi.mules_cnt : 0;
  for (int mule = 1; mule <= mules; ++mule) found->push_back({UwsgiPolicy::mule, mule});
  places = found;
}

}  // namespace

int incarnation_of(ProcessKind const& kind, int slot) noexcept {
  if (places != nullptr)
    for (Place const& place : *places)
      if (place.kind == kind && place.slot == slot) return place.incarnation;
  return 1;
}

void begin_to_fork() {
  remember_places();
  watch_forks({&before_any_fork, &after_any_fork});
}

void pre_uwsgi_fork() noexcept {
  base::ErrnoGuard const kept_errno;
  if (!is_forking_process()) return;
  RaisingEvents const guard;
  look_around(Watch::of<"pre_uwsgi_fork">());
  Place* const place = worker_to_fork();
  if (place == nullptr) return;
  place->incarnation = counted_incarnation(place->slot);
  under_way.child = child_in(*place);
  declare_own_sockets();
  state.hosted.raise<"pre_uwsgi_fork", ApplicationPreFork>(facts(under_way.child));
  under_way.kind = Fork::Kind::worker;
}

void post_uwsgi_fork(int in_child) noexcept {
  base::ErrnoGuard const kept_errno;
  bool const announced = under_way.kind == Fork::Kind::worker;
  under_way.kind = Fork::Kind::none;
  if (in_child != 0 || !announced) return;
  RaisingEvents const guard;
  state.hosted.raise<"post_uwsgi_fork", ApplicationPostForkParent>(facts(under_way.child));
}

void master_cycle() noexcept {
  base::ErrnoGuard const kept_errno;
  if (!is_forking_process()) return;
  RaisingEvents const guard;
  look_around(Watch::of<"master_cycle">());
  if (ready) return;
  ready = true;
  state.hosted.raise<"master_cycle", ApplicationServerReady>(facts());
}

void harakiri(int worker) noexcept {
  base::ErrnoGuard const kept_errno;
  if (!is_forking_process() || ::uwsgi.workers[worker].pending_harakiri != 0) return;
  RaisingEvents const guard;
  for (Place const& place : *places)
    if (place.kind.role == Role::worker && place.slot == worker)
      state.hosted.raise<"harakiri", ApplicationWorkerAbort>(facts(child_in(place, noted_pid(place))));
}

void master_cleanup() noexcept {
  base::ErrnoGuard const kept_errno;
  if (!is_forking_process()) return;
  RaisingEvents const guard;
  look_around(Watch::of<"master_cleanup">());
  state.hosted.raise<"master_cleanup", ApplicationServerExit>(facts());
}

}  // namespace forksafe::uwsgi
