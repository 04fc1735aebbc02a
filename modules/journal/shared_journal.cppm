// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.journal:shared_journal;

import :clock;
import :process_table;
import :record;
import :ring;
import forksafe.base;
import forksafe.std;

namespace forksafe {

/// The one mapping.
struct SharedJournal {
  SharedClock clock;
  ProcessTable table;
  Ring ring;
};

}  // namespace forksafe

export namespace forksafe {

/// Writes and reads the journal of one server. Made before the first fork; each forked process writes with its own copy into
/// the memory that all share, and each of them reads the same.
///
/// Records nothing where the memory cannot be mapped. No call throws, takes a lock or waits, except those that return vectors,
/// which allocate.
class Journal {
 public:
  /// `generation` is a number that differs in every forked process: by it a child knows that what it has inherited is
  /// its parent's. The texts of `event_hooks` must outlive the journal.
  Journal(std::vector<EventHook> event_hooks, std::uint64_t (*generation)() noexcept) noexcept;
  Journal(Journal const&) = delete;
  Journal& operator=(Journal const&) = delete;

  /// Sets the identity of the calling process. To be called before it writes, and again when more of its identity is known.
  void enter(Writer const& writer, SteadyTime now) noexcept;

  /// Begins a record: it stays in the journal even if the process is killed at the next instruction. Returns what end() needs.
  /// Does nothing in a process that has not entered.
  std::uint64_t begin(std::size_t source, std::string_view subscriber, SteadyTime now) noexcept;
  /// Ends it. Callable in a signal handler. Does nothing in a child that forked from within the call.
  void end(std::uint64_t ticket, Outcome outcome, std::chrono::nanoseconds duration) noexcept;

  /// Counts one delivery of an event hook in the calling process.
  void count(std::size_t source, bool failed, SteadyTime now = SteadyTime::clock::now()) noexcept;
  /// Marks a child as gone. Returns whether it has ever entered; true where nothing is recorded.
  bool mark_exited(pid_t process, SteadyTime now) noexcept;
  /// Remembers a forked child, which should enter.
  void expect(Writer const& child, SteadyTime now) noexcept;
  /// Records that a child is gone which has never entered, and should have.
  void miss(Writer const& child, SteadyTime now) noexcept;
  /// Forgets a child that is gone and has never entered, because it was told to leave.
  void excuse(Writer const& child) noexcept;
  /// Counts one more failure in a row for the slot of this role, and returns how many there were.
  std::uint32_t count_startup_failure(std::uint8_t role, int slot) noexcept;
  void reset_startup_failures(std::uint8_t role, int slot) noexcept;

  /// Replaces the event hooks, before anything was written.
  void replace_event_hooks(std::vector<EventHook> event_hooks) noexcept { event_hooks_ = std::move(event_hooks); }
  [[nodiscard]] std::vector<EventHook> const& event_hooks() const noexcept { return event_hooks_; }
  /// Returns all processes, oldest first.
  [[nodiscard]] std::vector<JournalProcess> processes() const;
  /// Returns the counts of the processes that had to make room, so that sums over all processes never fall.
  [[nodiscard]] std::vector<JournalDeparted> departed() const;
  /// Returns the latest records, at most so many.
  [[nodiscard]] JournalPage latest(std::size_t most = Ring::capacity) const;
  /// Returns all of it; incidents() takes it, so that nothing is read twice.
  [[nodiscard]] JournalReading read() const;
  /// Returns failed forks and storms from the counts of the processes, deaths and slow starts from the records that are still
  /// there, and missed children. Leaves out what is older than incident_age.
  [[nodiscard]] std::vector<Incident> incidents(JournalReading const& read, SteadyTime now = SteadyTime::clock::now()) const;
  [[nodiscard]] std::vector<Incident> incidents(SteadyTime now = SteadyTime::clock::now()) const {
    return incidents(read(), now);
  }
  /// Returns when a process failed on an event for the last time; zero if none ever did.
  [[nodiscard]] SteadyTime latest_failure() const noexcept;
  /// Returns the time of a moment by the wall clock as it is set now.
  [[nodiscard]] WallTime wall_time(SteadyTime moment) const noexcept;

 private:
  [[nodiscard]] bool has_entered() const noexcept { return shared_ && own_generation_ == generation_(); }
  [[nodiscard]] JournalRecord to_record(Ring::Found const& found) const;

  std::vector<EventHook> event_hooks_;
  std::uint64_t (*generation_)() noexcept;
  base::Shared<SharedJournal> shared_;
  std::uint64_t own_generation_ = 0;
  std::size_t own_entry_ = 0;
  /// The part of each record that does not change.
  RecordHeader own_{};
};

}  // namespace forksafe
