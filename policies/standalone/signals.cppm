// SPDX-License-Identifier: MIT
module;
#include <csignal>
export module forksafe.standalone.binding:signals;

import :board;
import forksafe.std;

namespace forksafe::standalone {

inline constexpr std::size_t master_signal_count = 7;

/// Blocks the signals that the master waits for, while this object lives. Threads that the application started earlier do
/// not block them: a handler there sends each signal on to the master's thread.
class BlockedSignals {
 public:
  /// Keeps SIGPIPE from ending the process, as when the reader of the log exits. Programs that it executes start with the
  /// default.
  static void outlive_broken_pipes() noexcept;

  BlockedSignals() noexcept;
  BlockedSignals(BlockedSignals const&) = delete;
  BlockedSignals& operator=(BlockedSignals const&) = delete;
  ~BlockedSignals();

  /// Returns the next signal, or 0 at `deadline`.
  [[nodiscard]] int wait_until(Clock::time_point deadline) const noexcept;
  /// Returns the signals that this object has blocked.
  [[nodiscard]] sigset_t const& blocked() const noexcept { return blocked_; }

 private:
  sigset_t waited_for_{};
  sigset_t before_{};
  sigset_t blocked_{};
  struct sigaction actions_before_[master_signal_count]{};
};

}  // namespace forksafe::standalone
