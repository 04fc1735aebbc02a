// SPDX-License-Identifier: MIT
module;
#include <csignal>
export module forksafe.standalone.binding:worker;

import :board;
import :hooks;
import :listener;
import :options;
import forksafe;
import forksafe.std;

namespace forksafe::standalone {

/// What the master gives to a worker at its fork.
struct WorkerContext {
  Hosted const* hosted;
  Options const* options;
  Listener const* listener;
  Notice* notice;
  /// The signals that the master has blocked for itself.
  sigset_t const* signals;
  Process process;
};

/// The request that a worker exits. The handler of SIGTERM and the master's death make `descriptor` readable.
struct StopRequest {
  int descriptor = -1;
  [[nodiscard]] bool made() const noexcept;
};

/// Sets the handlers of a worker, while its signals are still blocked: SIGTERM requests the stop, SIGABRT from the master
/// raises worker_abort, and the other signals that the master acts upon do nothing. `context` must live as long as the process.
[[nodiscard]] StopRequest handle_worker_signals(WorkerContext const& context) noexcept;

/// Wakes the master, if it still lives.
void wake_master(WorkerContext const& context) noexcept;

/// Reports from a worker to the master that its loop runs.
void show_life(WorkerContext const& context) noexcept;

/// Raises worker_ready, and reports it to the master.
void announce(WorkerContext const& context) noexcept;

/// Asks the kernel, in a worker, for SIGTERM at the master's death, and requests the stop if the master has exited already.
/// A change of the user resets it.
void heed_master(WorkerContext const& context) noexcept;

/// Runs the worker from its fork to its exit.
[[noreturn]] void work(WorkerContext const& context) noexcept;

/// Answers requests until the stop is requested or the worker has served its share. Throws std::exception.
void serve(WorkerContext const& context, StopRequest stop);

/// Returns how many connections a worker accepts at a time: half of the descriptors that it may open. The other half is the
/// application's.
[[nodiscard]] std::size_t connection_limit() noexcept;

}  // namespace forksafe::standalone
