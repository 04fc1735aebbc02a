// SPDX-License-Identifier: MIT
module;
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <sys/types.h>
#include <vector>
export module forksafe.journal:directory;

import :clock;
import :record;

export namespace forksafe {

/// The processes of a server and what each has heard. Like Ring it lives in zeroed shared memory and is never
/// constructed; a process writes only its own entry. When all are taken, the oldest dead one goes first.
class Directory {
 public:
  static constexpr std::size_t entry_limit = 512;
  /// So many slots can fail at once.
  static constexpr std::size_t strike_limit = 1024;
  /// So many forks are remembered. Fewer than there are entries: whoever has arrived still has one.
  static constexpr std::size_t expected_limit = 128;

  /// An entry for a new process; `entry_limit` if as many are alive.
  [[nodiscard]] std::size_t take(Writer const& writer, Moment now) noexcept;
  /// Brings the identity in an entry of the calling process up to date.
  void update(std::size_t entry, Writer const& writer) noexcept;
  void count(std::size_t entry, std::size_t source, bool failed, Moment now) noexcept;
  /// A child is gone: dead from now on, even if its process id is used again. Returns whether it has ever had an entry.
  bool leave(pid_t process, Moment now) noexcept;
  /// A child was forked, which should get an entry. Where its id is 0, as few containers tell it, its slot and incarnation
  /// say which it is. The oldest of those that are remembered is forgotten.
  void expect(Writer const& child, Moment now) noexcept;
  /// It is gone and had none.
  void miss(Writer const& child, Moment now) noexcept;
  /// It is gone, and nobody need miss it.
  void excuse(Writer const& child) noexcept;

  /// One more failure in a row for the slot of this role; returns how many there were.
  std::uint32_t strike(std::uint8_t role, int slot) noexcept;
  /// The slot's process is fit to serve: its failures are forgotten.
  void absolve(std::uint8_t role, int slot) noexcept;

  /// The number that no other process of the server has had; 0 if the entry is none.
  [[nodiscard]] std::uint32_t number_of(std::size_t entry) const noexcept;
  /// Whether the process that had this number is still running. Without a number, whether the id is in use.
  [[nodiscard]] bool is_running(std::uint32_t number, pid_t process) const noexcept;
  /// Oldest first.
  [[nodiscard]] std::vector<JournalProcess> processes() const;
  /// Those that were pushed out, together, by role.
  [[nodiscard]] std::vector<JournalDeparted> departed() const;
  /// When a process failed on an event for the last time; zero if none ever did.
  [[nodiscard]] Moment latest_failure() const noexcept;
  /// The latest children that are gone without an entry, or have none arrival_limit after their fork.
  [[nodiscard]] std::vector<JournalMissed> missed(Moment now) const;

 private:
  struct Counter {
    std::atomic<std::uint32_t> heard;
    std::atomic<std::uint32_t> failed;
    std::atomic<Moment::rep> latest;
    std::atomic<Moment::rep> latest_failed;
  };

  /// Truth is a number here: of a bool no other value may be read, and anybody may have written one.
  struct Entry {
    std::atomic<std::uint32_t> number;
    std::atomic<pid_t> pid;
    std::atomic<pid_t> parent;
    std::atomic<int> slot;
    std::atomic<int> incarnation;
    std::atomic<std::uint8_t> role;
    std::atomic<std::uint8_t> forked;
    std::atomic<std::uint8_t> gone;
    /// When the kernel started the process: another one that gets its id was started at another time. 0 if not known.
    std::atomic<std::uint64_t> started;
    std::atomic<Moment::rep> born;
    std::atomic<Moment::rep> left;
    Counter counters[source_limit];
  };

  struct Departed {
    std::atomic<std::uint64_t> processes;
    std::atomic<std::uint64_t> heard[source_limit];
    std::atomic<std::uint64_t> failed[source_limit];
    std::atomic<Moment::rep> latest[source_limit];
    std::atomic<Moment::rep> latest_failed[source_limit];
  };

  struct Expected {
    std::atomic<std::uint8_t> taken;
    std::atomic<pid_t> pid;
    std::atomic<int> slot;
    std::atomic<int> incarnation;
    std::atomic<std::uint8_t> role;
    std::atomic<std::uint8_t> gone;
    std::atomic<Moment::rep> time;
  };

  /// Adds up what would else be forgotten.
  void keep_counts(Entry const& entry) noexcept;
  [[nodiscard]] static bool is_alive(Entry const& entry) noexcept;
  [[nodiscard]] static bool is_same(Expected const& expected, Writer const& child) noexcept;
  void remember(Writer const& child, bool gone, Moment now) noexcept;
  [[nodiscard]] bool has_arrived(Expected const& expected) const noexcept;

  std::atomic<std::uint32_t> last_number_;
  /// Role and slot with their number of failures, in one word; 0 where nobody fails.
  std::atomic<std::uint64_t> strikes_[strike_limit];
  Departed departed_[role_limit];
  std::atomic<std::uint32_t> expected_count_;
  Expected expected_[expected_limit];
  Entry entries_[entry_limit];
};

}  // namespace forksafe
