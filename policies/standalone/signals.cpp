// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <ctime>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

constexpr int master_signals[] = {SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1};
static_assert(std::size(master_signals) == master_signal_count);

/// The signals that a worker ignores: those that the master acts upon, or that a terminal sends to all processes.
constexpr int not_for_workers[] = {SIGHUP, SIGINT, SIGTTIN, SIGTTOU, SIGUSR1, SIGPIPE};

constinit pthread_t master_thread{};
constinit pid_t master_process = 0;
constinit WorkerContext const* worker_context = nullptr;
constinit int stop_descriptor = -1;
constinit std::atomic<bool> stop_requested{false};

/// Excludes processes that the application forks in a worker: they inherit the handlers and the stop descriptor.
bool is_worker() noexcept { return ::getpid() == worker_context->process.pid; }

void end_by_default(int number) noexcept {
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void request_stop() noexcept {
  stop_requested = true;
  std::uint64_t const one = 1;
  static_cast<void>(::write(stop_descriptor, &one, sizeof one));
}

/// Returns a descriptor that becomes readable at the request to stop and at the master's death, even if the worker has changed
/// its user. If the system refuses a pidfd or an epoll instance, it becomes readable at the request only.
int watched_descriptor(WorkerContext const& context) noexcept {
  if (stop_descriptor < 0) return stop_descriptor;
  int const master = static_cast<int>(::syscall(SYS_pidfd_open, context.process.parent, 0));
  if (master < 0) return stop_descriptor;
  int const both = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event readable{};
  readable.events = EPOLLIN;
  if (both >= 0 && ::epoll_ctl(both, EPOLL_CTL_ADD, stop_descriptor, &readable) == 0 &&
      ::epoll_ctl(both, EPOLL_CTL_ADD, master, &readable) == 0)
    return both;
  if (both >= 0) ::close(both);
  ::close(master);
  return stop_descriptor;
}

extern "C" void forksafe_standalone_on_stop(int number) {
  base::ErrnoGuard const kept_errno;
  if (is_worker()) {
    request_stop();
    // Without a master nothing else ends a worker that hangs, and the port would stay taken.
    if (::getppid() != worker_context->process.parent)
      ::alarm(static_cast<unsigned>(worker_context->options->drain.count()) + 1);
  } else {
    end_by_default(number);
  }
}

extern "C" void forksafe_standalone_on_abort(int number, siginfo_t* information, void*) {
  if (is_worker() && information->si_code == SI_USER && information->si_pid == worker_context->process.parent) {
    // The worker has answered the request in the meantime.
    if (worker_context->notice->busy_since == 0) return;
    worker_context->hosted->raise<"worker_abort", ApplicationWorkerAbort>(in_worker(worker_context->process));
    worker_context->hosted->raise<"worker_exit", ApplicationWorkerExit>(in_worker(worker_context->process));
  }
  end_by_default(number);
}

extern "C" void forksafe_standalone_on_other(int) {}

/// Runs only in threads that the application started before the master blocked its signals.
extern "C" void forksafe_standalone_hand_over(int number) {
  base::ErrnoGuard const kept_errno;
  if (::getpid() == master_process) {
    ::pthread_kill(master_thread, number);
  } else {
    end_by_default(number);
  }
}

struct sigaction handle(int number, void (*handler)(int)) noexcept {
  struct sigaction before{};
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, &before);
  return before;
}

}  // namespace

void BlockedSignals::outlive_broken_pipes() noexcept {
  struct sigaction now{};
  // An empty handler and not SIG_IGN, which executed programs would inherit. A handler of the application stays.
  if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) handle(SIGPIPE, forksafe_standalone_on_other);
}

BlockedSignals::BlockedSignals() noexcept {
  sigemptyset(&waited_for_);
  for (int const number : master_signals) sigaddset(&waited_for_, number);
  ::pthread_sigmask(SIG_BLOCK, &waited_for_, &before_);
  sigemptyset(&blocked_);
  for (int const number : master_signals)
    if (sigismember(&before_, number) == 0) sigaddset(&blocked_, number);
  master_thread = ::pthread_self();
  master_process = ::getpid();
  // SIGCHLD is one of them: some parents ignore it, and then the kernel reaps the workers.
  for (std::size_t index = 0; index != std::size(master_signals); ++index)
    actions_before_[index] = handle(master_signals[index], forksafe_standalone_hand_over);
}

BlockedSignals::~BlockedSignals() {
  // The signals that are still pending are about workers that have exited, or request the stop that has begun.
  while (wait_until({}) != 0) {}
  for (std::size_t index = 0; index != std::size(master_signals); ++index)
    ::sigaction(master_signals[index], &actions_before_[index], nullptr);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int BlockedSignals::wait_until(Clock::time_point deadline) const noexcept {
  auto const left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now()).count();
  auto const positive = std::max<std::int64_t>(left, 0);
  timespec const duration{static_cast<time_t>(positive / 1'000'000'000), static_cast<long>(positive % 1'000'000'000)};
  int const number = ::sigtimedwait(&waited_for_, nullptr, &duration);
  return number < 0 ? 0 : number;
}

bool StopRequest::made() const noexcept { return stop_requested; }

void heed_master(WorkerContext const& context) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != context.process.parent) ::raise(SIGTERM);
}

StopRequest handle_worker_signals(WorkerContext const& context) noexcept {
  worker_context = &context;
  stop_descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Empty handlers and not SIG_IGN, which executed programs would inherit.
  for (int const number : not_for_workers) handle(number, forksafe_standalone_on_other);
  handle(SIGTERM, forksafe_standalone_on_stop);
  ::signal(SIGCHLD, SIG_DFL);
  struct sigaction on_abort{};
  on_abort.sa_sigaction = forksafe_standalone_on_abort;
  on_abort.sa_flags = SA_SIGINFO;
  sigemptyset(&on_abort.sa_mask);
  ::sigaction(SIGABRT, &on_abort, nullptr);
  // Signals that subscribers have blocked around the fork stay blocked.
  ::pthread_sigmask(SIG_UNBLOCK, context.signals, nullptr);
  return {watched_descriptor(context)};
}

}  // namespace forksafe::standalone
