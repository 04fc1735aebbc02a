// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <sys/wait.h>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

/// The limit for fork() itself in the child, where only pthread_atfork handlers run.
constexpr std::chrono::seconds longest_fork{10};
/// The least silence of an idle worker that counts: on a busy machine a shorter --timeout would kill healthy workers.
constexpr std::chrono::seconds least_silence{5};

void kill_late(Worker& worker, Notice const& notice, Options const& options) {
  if (notice.arrived) {
    log_line(base::concat(named(worker), " has not become ready within ", options.start_timeout.count(),
                          " s of its fork; it is killed - see which subscriber it is in, on the page or in the journal, or "
                          "raise --start-timeout"));
  } else {
    log_line(base::concat(named(worker), " has not come out of fork() within ",
                          std::min(longest_fork, options.start_timeout).count(),
                          " s; it is killed - a library's pthread_atfork handler seems to wait there for a lock: stop that ",
                          "library's threads before the fork, or load it after the fork"));
  }
  worker.late = true;
  ::kill(worker.process.pid, SIGKILL);
}

void end_silent(Worker& worker, Notice const& notice, Options const& options, Clock::time_point now) {
  auto const limit = std::max<Clock::duration>(options.timeout, least_silence);
  Clock::rep const alive_at = notice.alive_at;
  if (!notice.ready || worker.kill_at || worker.late || alive_at == 0) return;
  if (now - Clock::time_point{Clock::duration{alive_at}} < limit) return;
  if (worker.silent_after != alive_at) {
    // Master and workers may have been stopped together and just continued, so the silence is seen twice before it counts.
    worker.silent_after = alive_at;
    worker.silence_seen = now;
  } else if (now - worker.silence_seen >= kill_grace) {
    log_line(base::concat(named(worker), " has no request and gives no sign of life; it is killed - something has stopped "
                                         "it, as SIGSTOP and debuggers do, or it waits for a device"));
    worker.late = true;
    ::kill(worker.process.pid, SIGKILL);
  }
}

}  // namespace

std::string named(Worker const& worker) {
  Process const& process = worker.process;
  return base::concat("worker ", process.slot.value_or(0), " (pid ", process.pid, ")");
}

std::string ending(std::optional<int> status) {
  if (!status) return "has exited";
  if (WIFSIGNALED(*status)) return base::concat("was killed by signal ", WTERMSIG(*status));
  return base::concat("exited with status ", WEXITSTATUS(*status));
}

Clock::time_point end_overdue(Worker& worker, Notice& notice, Options const& options, Clock::time_point now) {
  auto next_look = Clock::time_point::max();
  if (notice.leaving && !worker.kill_at) worker.kill_at = now + options.drain + kill_grace;
  if (worker.kill_at && now >= *worker.kill_at) {
    log_line(base::concat(named(worker), " has not exited in time; it is killed - raise --drain if its requests need longer"));
    ::kill(worker.process.pid, SIGKILL);
    worker.kill_at = now + longest_wait;
  }
  if (worker.kill_at) next_look = *worker.kill_at;
  if (!notice.ready && !worker.kill_at && !worker.late) {
    auto const limit = notice.arrived ? options.start_timeout : std::min(longest_fork, options.start_timeout);
    if (now - worker.forked >= limit) {
      kill_late(worker, notice, options);
    } else {
      next_look = std::min(next_look, worker.forked + limit);
    }
  }
  Clock::rep const busy_since = notice.busy_since;
  if (busy_since == 0) end_silent(worker, notice, options, now);
  if (busy_since == 0 || now - Clock::time_point{Clock::duration{busy_since}} < options.timeout) return next_look;
  if (worker.aborted_for != busy_since) {
    log_line(base::concat(named(worker), " has been busy with one request for more than ", options.timeout.count(),
                          " s; it is ended - raise --timeout if requests may take longer"));
    worker.aborted_for = busy_since;
    worker.aborted = now;
    ::kill(worker.process.pid, SIGABRT);
  } else if (now - worker.aborted >= kill_grace) {
    ::kill(worker.process.pid, SIGKILL);
  }
  return next_look;
}

}  // namespace forksafe::standalone
