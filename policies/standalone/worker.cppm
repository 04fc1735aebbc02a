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

/// What a worker is born with.
struct Birth {
  Hosted const* hosted;
  Options const* options;
  Listener const* listener;
  Notice* notice;
  /// What the master has blocked for itself.
  sigset_t const* signals;
  Process process;
};

/// How a worker learns that it shall leave. A handler of SIGTERM, and the master's death, make `descriptor` readable.
struct StopRequest {
  int descriptor = -1;
  [[nodiscard]] bool made() const noexcept;
};

/// In a worker, signals still blocked: lets SIGTERM request the stop, SIGABRT from the master raise worker_abort, and
/// the other signals that the master acts upon do nothing here. The Birth must outlive the process.
[[nodiscard]] StopRequest handle_worker_signals(Birth const& birth) noexcept;

/// Wakes the master, if it still lives.
void wake_master(Birth const& birth) noexcept;

/// In the worker: tells the master that its loop goes round.
void show_life(Birth const& birth) noexcept;

/// Raises worker_ready, and lets the master know.
void announce(Birth const& birth) noexcept;

/// In the worker: asks for SIGTERM at the master's death, which a change of the user takes back, and requests the stop if
/// the master is gone already.
void heed_master(Birth const& birth) noexcept;

/// Lives the whole life of a worker.
[[noreturn]] void work(Birth const& birth) noexcept;

/// Answers requests until the stop is requested or the worker has served its share. Throws std::exception.
void serve(Birth const& birth, StopRequest stop);

/// How many connections a worker takes at a time: half of the descriptors that it may open, the others are the
/// application's.
[[nodiscard]] std::size_t connection_limit() noexcept;

}  // namespace forksafe::standalone
