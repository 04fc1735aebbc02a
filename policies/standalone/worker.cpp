// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

void wait_for(WorkerContext const& context, StopRequest stop) noexcept {
  pollfd wanted{stop.descriptor, POLLIN, 0};
  while (::poll(&wanted, 1, static_cast<int>(pulse.count())) <= 0) show_life(context);
}

/// Logs why a worker cannot serve, with the cure where there is one.
int refuse(WorkerContext const& context, std::string_view reason) noexcept {
  int const probe = ::dup(STDERR_FILENO);
  bool const no_descriptor_left = probe < 0 || reason.find(std::strerror(EMFILE)) != reason.npos;
  if (probe >= 0) ::close(probe);
  log_line(base::concat("worker ", context.process.slot.value_or(0), " cannot serve: ", reason,
                        no_descriptor_left ? " - raise the limit on open descriptors with ulimit -n, to 64 at least" : ""));
  return 1;
}

/// Catches every exception, so that worker_exit is still raised.
int serve_guarded(WorkerContext const& context, StopRequest stop) noexcept {
  try {
    if (context.hosted->handles_requests()) {
      serve(context, stop);
    } else {
      announce(context);
      wait_for(context, stop);
    }
    return 0;
  } catch (std::exception const& error) {
    return refuse(context, error.what());
  }
}

}  // namespace

void wake_master(WorkerContext const& context) noexcept {
  // If the master has exited, its pid may be another process's by now.
  if (::getppid() == context.process.parent) ::kill(context.process.parent, SIGUSR1);
}

void show_life(WorkerContext const& context) noexcept { context.notice->alive_at = Clock::now().time_since_epoch().count(); }

void announce(WorkerContext const& context) noexcept {
  context.hosted->raise<"worker_ready", ApplicationWorkerReady>(in_worker(context.process));
  heed_master(context);
  context.notice->ready = true;
  wake_master(context);
}

void work(WorkerContext const& context) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != context.process.parent) ::_exit(0);
  context.notice->arrived = true;
  StopRequest const stop = handle_worker_signals(context);
  context.hosted->raise<"post_fork", ApplicationPostFork>(in_worker(context.process));
  heed_master(context);
  context.hosted->raise<"post_worker_init", ApplicationPostWorkerInit>(in_worker(context.process));
  heed_master(context);
  int status = 0;
  if (stop.descriptor < 0) {
    status = refuse(context, "no descriptor is left for the request to stop");
  } else if (!stop.made()) {
    status = serve_guarded(context, stop);
  }
  context.hosted->raise<"worker_exit", ApplicationWorkerExit>(in_worker(context.process));
  std::fflush(nullptr);
  // Not exit(): the master destroys the objects that were constructed before the fork.
  ::_exit(status);
}

}  // namespace forksafe::standalone
