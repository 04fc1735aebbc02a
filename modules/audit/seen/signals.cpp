// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/time.h>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Returns the number after a name in a file of /proc: a set of signals, the first one the lowest bit.
std::uint64_t set_behind(std::string_view name, std::string const& text) {
  auto const at = text.find(name);
  return at == text.npos ? 0 : std::strtoull(text.c_str() + at + name.size(), nullptr, 16);
}

}  // namespace

std::uintptr_t find_handler(int signal) noexcept {
  struct sigaction action{};
  // Fails for those that the C library keeps for itself.
  if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) return 0;
  return reinterpret_cast<std::uintptr_t>(action.sa_handler);
}

SeenSignals look_at_signals() noexcept {
  SeenSignals seen;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &seen.blocked);
  for (std::size_t index = 0; index != std::size(interval_timers); ++index) {
    itimerval value{};
    auto const [timer, signal] = interval_timers[index];
    if (::getitimer(timer, &value) == 0 && timerisset(&value.it_interval) && timerisset(&value.it_value))
      seen.ticking[index] = find_handler(signal);
  }
  return seen;
}

std::uint64_t signals_taken_elsewhere() {
  std::uint64_t taken = 0;
  each_number("/proc/self/task", [&](int thread) {
    if (thread == ::gettid()) return;
    // The kernel leaves out what a thread in sigwait() waits for.
    std::string const status = base::read_proc("/proc/self/task/" + std::to_string(thread) + "/status");
    if (!status.empty()) taken |= ~set_behind("SigBlk:", status);
  });
  each_number("/proc/self/fd", [&](int number) {
    char link[32]{};
    if (::readlink(("/proc/self/fd/" + std::to_string(number)).c_str(), link, sizeof link - 1) < 0) return;
    if (std::string_view{link} == "anon_inode:[signalfd]")
      taken |= set_behind("sigmask:", base::read_proc("/proc/self/fdinfo/" + std::to_string(number)));
  });
  return taken;
}

std::string name_of_signal(int signal) {
  char const* const name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string{name};
}

}  // namespace forksafe
