// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.standalone.binding:supervision;

import :board;
import :hooks;
import :listener;
import :options;
import :reader;
import :signals;
import :slots;
import :worker;
import forksafe;
import forksafe.std;

namespace forksafe::standalone {

inline constexpr std::chrono::seconds longest_wait{1};
inline constexpr std::chrono::seconds last_grace{1};

/// A worker as the master sees it.
struct Worker {
  Process process;
  Clock::time_point forked;
  std::uint64_t edition;
  /// Set once it was told to leave, or does so on its own.
  std::optional<Clock::time_point> kill_at{};
  /// Whether it was killed because it did not become ready.
  bool late = false;
  Clock::rep aborted_for = 0;
  Clock::time_point aborted{};
  Clock::rep silent_after = 0;
  Clock::time_point silence_seen{};
};

/// Names the worker in log lines.
[[nodiscard]] std::string named(Worker const& worker);
/// Describes the end of a process by the status that waitpid gave; none where there was none.
[[nodiscard]] std::string ending(std::optional<int> status);

/// Ends the worker where it takes too long: to leave, to get out of fork(), to become ready, or with one request;
/// or gives no sign of life between requests. Returns when to look again at the latest.
[[nodiscard]] Clock::time_point end_overdue(Worker& worker, Notice& notice, Options const& options, Clock::time_point now);

/// Reaps the children that process 1, and a child subreaper, inherits from processes that have ended; elsewhere it does
/// nothing.
///
/// The application's own children are left to it: those that it had when this object was made, those that another thread
/// has forked, and any that is waited for within `patience` after its end. Reads /proc.
class Orphans {
 public:
  static constexpr std::chrono::seconds patience{2};

  Orphans();

  /// Returns when to look again at the latest.
  [[nodiscard]] Clock::time_point bury(std::span<Worker const> workers, Clock::time_point now);

 private:
  struct Dead {
    pid_t pid;
    Clock::time_point seen;
  };

  std::vector<pid_t> of_the_application_{};
  std::vector<Dead> dead_{};
};

/// Writes out what the C streams hold, but for those that another thread has locked and those that are not read: never waits.
void flush_streams() noexcept;

/// Supervises the workers until it is told to stop.
void supervise(Hosted const& hosted, Options const& options, Listener const& listener);

}  // namespace forksafe::standalone
