// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>
export module forksafe.journal:book;

import :clock;
import :directory;
import :record;
import :ring;
import forksafe.base;

namespace forksafe {

/// The one mapping.
struct SharedJournal {
  SharedClock clock;
  Directory directory;
  Ring ring;
};

}  // namespace forksafe

export namespace forksafe {

/// Writes and reads the journal of one server. Made before the first fork; each forked process writes with its own copy
/// into the memory that all share, and every one of them reads the same.
///
/// Where the memory can't be mapped it records nothing. No call throws, takes a lock or waits, but those that return
/// vectors, which allocate.
class Journal {
 public:
  /// `generation` is a number that differs in every forked process: by it a child knows that what it has inherited is
  /// its parent's. The sources' texts must outlive the journal.
  Journal(std::vector<JournalSource> sources, std::uint64_t (*generation)() noexcept) noexcept;
  Journal(Journal const&) = delete;
  Journal& operator=(Journal const&) = delete;

  /// The calling process is this one. To be called before it writes, and again when more of its identity is known.
  void enter(Writer const& writer, Moment now) noexcept;

  /// A call begins: what began stays in the journal even if the process is killed at the next instruction. Returns what
  /// end() needs. Does nothing in a process that has not entered.
  std::uint64_t begin(std::size_t source, std::string_view subscriber, Moment now) noexcept;
  /// It has ended. Callable in a signal handler. Does nothing in a child that forked from within the call.
  void end(std::uint64_t ticket, Outcome outcome, std::chrono::nanoseconds duration) noexcept;

  /// Counts one delivery of a source in the calling process.
  void count(std::size_t source, bool failed, Moment now = Moment::clock::now()) noexcept;
  /// A child is gone. Returns whether it has ever entered; true where nothing is recorded.
  bool leave(pid_t process, Moment now) noexcept;
  /// A child was forked, and should enter.
  void expect(Writer const& child, Moment now) noexcept;
  /// A child is gone that has never entered, and should have.
  void miss(Writer const& child, Moment now) noexcept;
  /// A child is gone that has never entered, and was told to leave.
  void excuse(Writer const& child) noexcept;
  /// One more failure in a row for the slot of this role, or none any more.
  std::uint32_t strike(std::uint8_t role, int slot) noexcept;
  void absolve(std::uint8_t role, int slot) noexcept;

  /// Other sources, before anything was written.
  void rename_sources(std::vector<JournalSource> sources) noexcept { sources_ = std::move(sources); }
  [[nodiscard]] std::vector<JournalSource> const& sources() const noexcept { return sources_; }
  /// All processes, oldest first.
  [[nodiscard]] std::vector<JournalProcess> processes() const;
  /// The counts of those that had to make room, so that sums over all processes never fall.
  [[nodiscard]] std::vector<JournalDeparted> departed() const;
  /// The latest records, at most so many.
  [[nodiscard]] JournalPage latest(std::size_t most = Ring::capacity) const;
  /// Failed forks and storms from the counts of the processes, deaths and slow starts from the records that are still
  /// there, and missed children. What is older than incident_age is none.
  [[nodiscard]] std::vector<Incident> incidents(Moment now = Moment::clock::now()) const;
  /// When a process failed on an event for the last time; zero if none ever did.
  [[nodiscard]] Moment latest_failure() const noexcept;
  /// When a moment was by the wall clock as it is set now.
  [[nodiscard]] WallTime wall_time(Moment moment) const noexcept;

 private:
  [[nodiscard]] bool has_entered() const noexcept { return shared_ && own_generation_ == generation_(); }
  [[nodiscard]] JournalRecord record_of(Ring::Found const& found) const;

  std::vector<JournalSource> sources_;
  std::uint64_t (*generation_)() noexcept;
  base::Shared<SharedJournal> shared_;
  std::uint64_t own_generation_ = 0;
  std::size_t own_entry_ = 0;
  /// The part of each record that does not change.
  Begun own_{};
};

}  // namespace forksafe
