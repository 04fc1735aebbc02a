// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

using namespace std::chrono_literals;

constexpr auto youth = 1s;
constexpr int most_workers = slot_limit / 2;

class Master {
 public:
  Master(Hosted const& hosted, Options const& options, Listener const& listener)
      : hosted_(hosted), options_(options), listener_(listener), wanted_(options.workers) {}

  void run();

 private:
  void on_signal(int signal);
  void stop();
  void reap();
  void on_exit(Worker const& worker, std::optional<int> status);
  void watch();
  void reconcile();
  bool fork_worker(int missing);
  void retire(Worker& worker);
  [[nodiscard]] bool is_ready(Worker const& worker) { return board_.of(worker.slot()).ready; }
  [[nodiscard]] Worker* surplus();

  Hosted const& hosted_;
  Options const& options_;
  Listener listener_;
  int wanted_;
  BlockedSignals signals_{};
  Board board_{};
  Slots slots_{};
  std::vector<Worker> workers_{};
  Orphans orphans_{};
  std::uint64_t edition_ = 1;
  std::uint32_t failed_forks_ = 0;
  Clock::time_point fork_due_{};
  Clock::time_point wake_at_{};
  bool stopping_ = false;
};

void Master::run() {
  hosted_.raise<"server_ready", ApplicationServerReady>(in_master());
  auto const with = base::concat(" with ", wanted_, wanted_ == 1 ? " worker, pid " : " workers, pid ", ::getpid());
  log_line(!hosted_.handles_requests() ? base::concat("no request handler, so no socket is opened; running", with)
                                       : base::concat("listening on http://", listener_.address, with));
  while (!stopping_ || !workers_.empty()) {
    wake_at_ = Clock::now() + longest_wait;
    watch();
    if (!stopping_) reconcile();
    on_signal(signals_.wait_until(wake_at_));
    reap();
  }
  hosted_.raise<"server_exit", ApplicationServerExit>(in_master());
}

void Master::on_signal(int signal) {
  switch (signal) {
    case SIGTERM:
    case SIGINT: return stop();
    case SIGHUP:
      if (stopping_) return;
      log_line("replacing the workers, one by one");
      hosted_.raise<"server_reload", ApplicationServerReload>(in_master());
      ++edition_;
      return;
    case SIGTTIN: wanted_ = std::min(wanted_ + 1, most_workers); return;
    case SIGTTOU: wanted_ = std::max(wanted_ - 1, 1); return;
    default: return;
  }
}

void Master::stop() {
  log_line(stopping_ ? "told to stop again: stopping at once" : "stopping");
  for (Worker& worker : workers_) {
    if (stopping_) {
      ::kill(worker.process.pid, SIGKILL);
    } else if (!worker.kill_at) {
      retire(worker);
    }
  }
  // Clients that connect from now on are refused at once. They would otherwise wait in the backlog.
  if (!stopping_ && listener_.descriptor >= 0) ::close(listener_.descriptor);
  stopping_ = true;
}

void Master::retire(Worker& worker) {
  ::kill(worker.process.pid, SIGTERM);
  worker.kill_at = Clock::now() + options_.drain + kill_grace;
}

/// Reaps workers only, each by its pid: other children belong to the application.
void Master::reap() {
  for (std::size_t index = 0; index < workers_.size();) {
    int status = 0;
    pid_t const found = ::waitpid(workers_[index].process.pid, &status, WNOHANG);
    if (found == 0 || (found < 0 && errno != ECHILD)) {
      ++index;
      continue;
    }
    Worker const gone = workers_[index];
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    on_exit(gone, found < 0 ? std::nullopt : std::optional{status});
  }
}

void Master::on_exit(Worker const& worker, std::optional<int> status) {
  int const slot = worker.slot();
  bool const expected = stopping_ || worker.kill_at.has_value() || board_.of(slot).leaving;
  bool const orderly = status == 0;
  bool const young = !expected && (!is_ready(worker) || Clock::now() - worker.forked < youth);
  if (!expected || !orderly) log_line(base::concat(named(worker), " ", ending(status), stopping_ ? "" : "; it is replaced"));
  // The back-off of a worker that was killed as late begins now, not at its fork: the time before was a hang, not a wait.
  slots_.empty(slot, worker.late ? Clock::now() : worker.forked, !expected, young);
  Facts gone = in_master(worker.process);
  gone.status = status;
  hosted_.raise<"worker_reaped", ApplicationWorkerReaped>(gone);
}

/// Ends the workers that are overdue, and sets the time of the next look.
void Master::watch() {
  auto const now = Clock::now();
  for (Worker& worker : workers_) wake_at_ = std::min(wake_at_, end_overdue(worker, board_.of(worker.slot()), options_, now));
  wake_at_ = std::min(wake_at_, orphans_.reap(workers_, now));
}

/// Returns a worker that can be retired; null while too few others are ready.
Worker* Master::surplus() {
  Worker* chosen = nullptr;
  int ready = 0;
  for (Worker& worker : workers_) {
    if (worker.kill_at) continue;
    ready += is_ready(worker) ? 1 : 0;
    auto const rank = [this](Worker const& one) {
      bool const outdated = one.edition != edition_;
      return std::tuple{outdated, !is_ready(one), outdated ? -one.slot() : one.slot()};
    };
    if (chosen == nullptr || rank(worker) > rank(*chosen)) chosen = &worker;
  }
  if (chosen == nullptr || ready - (is_ready(*chosen) ? 1 : 0) < wanted_) return nullptr;
  return chosen;
}

/// Brings the number of workers to the wanted one, and all of them to the latest edition. A replacement is forked first, then
/// the worker that it replaces is retired; the next replacement is forked when that worker has exited.
void Master::reconcile() {
  for (;;) {
    int staying = 0;
    bool outdated = false;
    for (Worker const& worker : workers_) {
      if (worker.kill_at) continue;
      ++staying;
      outdated = outdated || worker.edition != edition_;
    }
    bool const nobody_leaves = staying == static_cast<int>(workers_.size());
    int const missing = wanted_ + (outdated && nobody_leaves ? 1 : 0) - staying;
    if (missing > 0) {
      if (!fork_worker(missing)) return;
      continue;
    }
    if (staying <= wanted_) return;
    Worker* const leaving = surplus();
    if (leaving == nullptr) return;
    retire(*leaving);
  }
}

/// Returns false if it is not yet time, or if fork() failed; the loop tries again.
bool Master::fork_worker(int missing) {
  auto const now = Clock::now();
  if (fork_due_ > now) {
    wake_at_ = std::min(wake_at_, fork_due_);
    return false;
  }
  auto const [slot, due] = slots_.next(now, missing);
  if (slot == 0) {
    wake_at_ = std::min(wake_at_, due);
    return false;
  }
  Process child{.role = Role::worker, .slot = slot, .incarnation = slots_.next_incarnation(slot)};
  pid_t const master = ::getpid();
  Notice& notice = board_.of(slot);
  notice.clear();
  hosted_.raise<"pre_fork", ApplicationPreFork>(in_master(child));
  // Both processes would write what is in a buffer at the fork.
  flush_streams();
  auto const forked = Clock::now();
  child.pid = ::fork();
  int const error = errno;
  if (child.pid == 0) {
    child.pid = ::getpid();
    child.parent = master;
    WorkerContext const context{&hosted_, &options_, &listener_, &notice, &signals_.blocked(), child};
    work(context);
  }
  if (child.pid < 0) {
    child.pid = 0;
    Facts failed = in_master(child);
    failed.error = error;
    hosted_.raise<"fork_failed", ApplicationForkFailed>(failed);
    fork_due_ = Clock::now() + back_off(++failed_forks_);
    wake_at_ = std::min(wake_at_, fork_due_);
    log_line(base::concat("cannot fork a worker: ", std::strerror(error), " - free processes or memory, or raise the limit on ",
                          "them; the next try is in ", back_off(failed_forks_).count(), " ms"));
    return false;
  }
  child.parent = master;
  failed_forks_ = 0;
  slots_.fill(slot);
  workers_.push_back({child, forked, edition_});
  hosted_.raise<"post_fork_parent", ApplicationPostForkParent>(in_master(child));
  return true;
}

}  // namespace

void supervise(Hosted const& hosted, Options const& options, Listener const& listener) {
  Master{hosted, options, listener}.run();
}

}  // namespace forksafe::standalone
