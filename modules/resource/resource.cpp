// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <csignal>
#include <pthread.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <time.h>
#include <utility>
module forksafe.resource;

namespace forksafe {

namespace {

constinit int holds = 0;
constinit sigset_t held{};

/// Those that the mask before the first hold let through.
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

OpenFile::OpenFile(int descriptor) noexcept {
  struct stat file {};
  if (descriptor < 0 || ::fstat(descriptor, &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

void veto(std::string_view reason) { throw Veto{"vetoes the fork: " + std::string{reason}}; }

std::chrono::steady_clock::time_point half_of(std::chrono::milliseconds deadline) noexcept {
  return std::chrono::steady_clock::now() + deadline / 2;
}

bool is_over(std::chrono::steady_clock::time_point until) noexcept { return std::chrono::steady_clock::now() > until; }

bool join_until(std::thread& thread, std::chrono::steady_clock::time_point until) noexcept {
  if (!thread.joinable()) return true;
  auto const since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(until.time_since_epoch()).count();
  timespec const due{static_cast<time_t>(since_epoch / 1'000'000'000), static_cast<long>(since_epoch % 1'000'000'000)};
  if (::pthread_clockjoin_np(thread.native_handle(), nullptr, CLOCK_MONOTONIC, &due) != 0) return false;
  // It is joined, which std::thread can't be told in another way.
  remake(thread);
  return true;
}

}  // namespace forksafe
