// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <pthread.h>
module forksafe.resource;

import :signal_hold;
import forksafe.std.operators;

namespace forksafe {
namespace {

constinit int holds = 0;
constinit sigset_t held{};

/// Returns the signals that the mask before the first hold did not block.
sigset_t to_hold() noexcept {
  sigset_t wanted;
  sigfillset(&wanted);
  // The last one is that of deadlines.
  for (int const number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS, SIGALRM, SIGRTMAX - 3})
    sigdelset(&wanted, number);
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int number = 1; number <= SIGRTMAX; ++number)
    if (sigismember(&blocked, number) == 1) sigdelset(&wanted, number);
  return wanted;
}

}  // namespace

void SignalHold::begin() noexcept {
  if (std::exchange(holds_, true)) return;
  if (holds++ != 0) return;
  held = to_hold();
  ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

void SignalHold::end() noexcept {
  if (!std::exchange(holds_, false)) return;
  if (--holds == 0) ::pthread_sigmask(SIG_UNBLOCK, &held, nullptr);
}

}  // namespace forksafe
