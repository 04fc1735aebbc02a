// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <unistd.h>
module forksafe.standalone.binding;

import forksafe.base;

namespace forksafe::standalone {
namespace {

void wait_for(Birth const& birth, StopRequest stop) noexcept {
  pollfd wanted{stop.descriptor, POLLIN, 0};
  while (::poll(&wanted, 1, static_cast<int>(pulse.count())) <= 0) show_life(birth);
}

/// Logs why a worker cannot serve, with the cure where there is one.
int refuse(Birth const& birth, std::string_view reason) noexcept {
  int const probe = ::dup(STDERR_FILENO);
  bool const no_descriptor_left = probe < 0 || reason.find(std::strerror(EMFILE)) != reason.npos;
  if (probe >= 0) ::close(probe);
  log_line(base::concat("worker ", birth.process.slot.value_or(0), " cannot serve: ", reason,
                        no_descriptor_left ? " - raise the limit on open descriptors with ulimit -n, to 64 at least" : ""));
  return 1;
}

/// Catches every exception, so that worker_exit is still raised.
int serve_guarded(Birth const& birth, StopRequest stop) noexcept {
  try {
    if (birth.hosted->handles_requests()) {
      serve(birth, stop);
    } else {
      announce(birth);
      wait_for(birth, stop);
    }
    return 0;
  } catch (std::exception const& error) {
    return refuse(birth, error.what());
  }
}

}  // namespace

void wake_master(Birth const& birth) noexcept {
  // If the master has exited, its pid may be another process's by now.
  if (::getppid() == birth.process.parent) ::kill(birth.process.parent, SIGUSR1);
}

void show_life(Birth const& birth) noexcept { birth.notice->alive_at = Clock::now().time_since_epoch().count(); }

void announce(Birth const& birth) noexcept {
  birth.hosted->raise<"worker_ready", ApplicationWorkerReady>(in_worker(birth.process));
  heed_master(birth);
  birth.notice->ready = true;
  wake_master(birth);
}

void work(Birth const& birth) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != birth.process.parent) ::_exit(0);
  birth.notice->arrived = true;
  StopRequest const stop = handle_worker_signals(birth);
  birth.hosted->raise<"post_fork", ApplicationPostFork>(in_worker(birth.process));
  heed_master(birth);
  birth.hosted->raise<"post_worker_init", ApplicationPostWorkerInit>(in_worker(birth.process));
  heed_master(birth);
  int status = 0;
  if (stop.descriptor < 0) {
    status = refuse(birth, "no descriptor is left for the request to stop");
  } else if (!stop.made()) {
    status = serve_guarded(birth, stop);
  }
  birth.hosted->raise<"worker_exit", ApplicationWorkerExit>(in_worker(birth.process));
  std::fflush(nullptr);
  // Not exit(): the master destroys the objects that were constructed before the fork.
  ::_exit(status);
}

}  // namespace forksafe::standalone
