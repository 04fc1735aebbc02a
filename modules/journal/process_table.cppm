// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.journal:process_table;

import :clock;
import :record;
import forksafe.std;

namespace forksafe {

/// A child that has never had an entry.
struct JournalMissed {
  Writer writer{};
  SteadyTime time{};
};

/// The processes of a server and what each has heard. Like Ring it lives in zeroed shared memory and is never constructed; a
/// process writes only its own entry. When all are taken, the oldest dead one goes first.
class ProcessTable {
 public:
  static constexpr std::size_t entry_limit = 512;
  /// The number of slots that can fail at once.
  static constexpr std::size_t failing_slot_limit = 1024;
  /// The number of forks that are remembered. Fewer than there are entries: each child that has arrived still has one.
  static constexpr std::size_t expected_limit = 128;

  /// Takes an entry for a new process; `entry_limit` if as many are alive.
  [[nodiscard]] std::size_t take(Writer const& writer, SteadyTime now) noexcept;
  /// Brings the identity in an entry of the calling process up to date.
  void update(std::size_t entry, Writer const& writer) noexcept;
  void count(std::size_t entry, std::size_t source, bool failed, SteadyTime now) noexcept;
  /// Marks a child as dead from now on, even if its process id is used again. Returns whether it has ever had an entry.
  bool mark_exited(pid_t process, SteadyTime now) noexcept;
  /// Remembers a forked child, which should get an entry. Where its id is 0, as few containers tell it, its slot and
  /// incarnation identify it. The oldest of those that are remembered is forgotten.
  void expect(Writer const& child, SteadyTime now) noexcept;
  /// Records that a child is gone and had no entry.
  void miss(Writer const& child, SteadyTime now) noexcept;
  /// Forgets a child that is gone and need not be missed.
  void excuse(Writer const& child) noexcept;

  /// Counts one more failure in a row for the slot of this role; returns how many there were.
  std::uint32_t count_startup_failure(std::uint8_t role, int slot) noexcept;
  /// Forgets the failures of the slot, whose process is fit to serve.
  void reset_startup_failures(std::uint8_t role, int slot) noexcept;

  /// Returns a number that no other process of the server has had; 0 if the entry is free.
  [[nodiscard]] std::uint32_t number_of(std::size_t entry) const noexcept;
  /// Whether the process that had this number is still running. Without a number, whether the id is in use.
  [[nodiscard]] bool is_running(std::uint32_t number, pid_t process) const noexcept;
  /// Returns the processes, oldest first.
  [[nodiscard]] std::vector<JournalProcess> processes() const;
  /// Returns the counts of the processes that were pushed out, summed by role.
  [[nodiscard]] std::vector<JournalDeparted> departed() const;
  /// Returns when a process failed on an event for the last time; zero if none ever did.
  [[nodiscard]] SteadyTime latest_failure() const noexcept;
  /// Returns the latest children that are gone without an entry, or have none arrival_limit after their fork.
  [[nodiscard]] std::vector<JournalMissed> missed(SteadyTime now) const;

 private:
  struct Counter {
    std::atomic<std::uint32_t> heard;
    std::atomic<std::uint32_t> failed;
    std::atomic<SteadyTime::rep> latest;
    std::atomic<SteadyTime::rep> latest_failed;
  };

  /// Truth is a number here: a bool may be read only if it holds 0 or 1, and any process may have written another value.
  struct Entry {
    std::atomic<std::uint32_t> number;
    std::atomic<pid_t> pid;
    std::atomic<pid_t> parent;
    std::atomic<int> slot;
    std::atomic<int> incarnation;
    std::atomic<std::uint8_t> role;
    std::atomic<std::uint8_t> forked;
    std::atomic<std::uint8_t> gone;
    /// When it was taken, in the kernel's ticks since the boot: a later process with this id has started after that. 0 before.
    std::atomic<std::uint64_t> taken;
    std::atomic<SteadyTime::rep> born;
    std::atomic<SteadyTime::rep> left;
    Counter counters[source_limit];
  };

  struct Departed {
    std::atomic<std::uint64_t> processes;
    std::atomic<std::uint64_t> heard[source_limit];
    std::atomic<std::uint64_t> failed[source_limit];
    std::atomic<SteadyTime::rep> latest[source_limit];
    std::atomic<SteadyTime::rep> latest_failed[source_limit];
  };

  struct Expected {
    std::atomic<std::uint8_t> taken;
    std::atomic<pid_t> pid;
    std::atomic<int> slot;
    std::atomic<int> incarnation;
    std::atomic<std::uint8_t> role;
    std::atomic<std::uint8_t> gone;
    std::atomic<SteadyTime::rep> time;
  };

  /// Adds up what would otherwise be forgotten.
  void keep_counts(Entry const& entry) noexcept;
  [[nodiscard]] static bool is_alive(Entry const& entry) noexcept;
  [[nodiscard]] static bool is_same(Expected const& expected, Writer const& child) noexcept;
  void remember(Writer const& child, bool gone, SteadyTime now) noexcept;
  [[nodiscard]] bool has_arrived(Expected const& expected) const noexcept;

  std::atomic<std::uint32_t> last_number_;
  /// Role and slot with their number of failures, in one word; 0 where none fails.
  std::atomic<std::uint64_t> startup_failures_[failing_slot_limit];
  Departed departed_[role_limit];
  std::atomic<std::uint32_t> expected_count_;
  Expected expected_[expected_limit];
  Entry entries_[entry_limit];
};

}  // namespace forksafe
