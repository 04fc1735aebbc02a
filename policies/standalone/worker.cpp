// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <cstdio>
#include <exception>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>
module forksafe.standalone.binding;

namespace forksafe::standalone {
namespace {

void wait_for(StopRequest stop) noexcept {
  pollfd wanted{stop.descriptor, POLLIN, 0};
  while (::poll(&wanted, 1, -1) <= 0) {
  }
}

/// Whatever happens here, the worker still says goodbye.
int serve_guarded(Birth const& birth, StopRequest stop) noexcept {
  try {
    if (birth.hooks->handle != nullptr) {
      serve(birth, stop);
    } else {
      announce(birth);
      wait_for(stop);
    }
    return 0;
  } catch (std::exception const& error) {
    log_line(text("worker ", std::to_string(birth.process.slot.value_or(0)), " cannot serve: ", error.what()));
    return 1;
  }
}

}  // namespace

void announce(Birth const& birth) noexcept {
  birth.hooks->worker_ready({.process = birth.process});
  birth.notice->ready = true;
  ::kill(birth.process.parent, SIGUSR1);
}

void work(Birth const& birth) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != birth.process.parent) ::_exit(0);
  StopRequest const stop = handle_worker_signals(birth);
  Moment const moment{.process = birth.process};
  birth.hooks->post_fork(moment);
  birth.hooks->post_worker_init(moment);
  int const status = stop.descriptor < 0 ? 1 : stop.made() ? 0 : serve_guarded(birth, stop);
  birth.hooks->worker_exit(moment);
  std::fflush(nullptr);
  // Not exit: what was constructed before the fork is the master's to destroy.
  ::_exit(status);
}

}  // namespace forksafe::standalone
