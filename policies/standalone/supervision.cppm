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
inline constexpr std::chrono::seconds kill_grace{1};

/// A worker as the master sees it.
struct Worker {
  Process process;
  Clock::time_point forked;
  std::uint64_t edition;
  /// When it is killed if it has not exited; set once it was told to exit, or does so without being told.
  std::optional<Clock::time_point> kill_at{};
  /// Whether it was killed because it did not become ready.
  bool late = false;
  Clock::rep aborted_for = 0;
  Clock::time_point aborted{};
  Clock::rep silent_after = 0;
  Clock::time_point silence_seen{};

  /// From 1: the master gives each worker one.
  [[nodiscard]] int slot() const noexcept { return process.slot.value_or(0); }
};

/// Names the worker in log lines.
[[nodiscard]] std::string named(Worker const& worker);
/// Describes the end of a process by the status that waitpid gave; none where there was none.
[[nodiscard]] std::string ending(std::optional<int> status);

/// Ends a worker that takes too long to exit, to return from fork(), to become ready or to answer one request, or that gives
/// no sign of life between requests. Returns the latest time of the next look.
[[nodiscard]] Clock::time_point end_overdue(Worker& worker, Notice& notice, Options const& options, Clock::time_point now);

/// Reaps the orphans that process 1, and a child subreaper, inherits. In other processes it does nothing.
///
/// The application reaps its own children: those that existed when this object was made, those that another thread has
/// forked, and those that it waits for within `patience` after their exit. Reads /proc.
class Orphans {
 public:
  static constexpr std::chrono::seconds patience{2};

  Orphans();

  /// Returns the latest time of the next look.
  [[nodiscard]] Clock::time_point reap(std::span<Worker const> workers, Clock::time_point now);

 private:
  struct Dead {
    pid_t pid;
    Clock::time_point seen;
  };

  std::vector<pid_t> of_the_application_{};
  std::vector<Dead> dead_{};
};

/// Flushes the C streams and never waits: skips a stream that another thread has locked, and one whose reader does not read.
void flush_streams() noexcept;

/// Supervises the workers until a signal stops the server.
void supervise(Hosted const& hosted, Options const& options, Listener const& listener);

}  // namespace forksafe::standalone
