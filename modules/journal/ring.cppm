// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.journal:ring;

import :record;
import forksafe.std;

export namespace forksafe {

/// The longest name of a subscriber that fits; longer names are cut off.
inline constexpr std::size_t subscriber_limit = 77;

}  // namespace forksafe

namespace forksafe {

/// What a record says from its beginning on. A whole number of words without padding, so that it can be copied word by word.
struct RecordHeader {
  std::int64_t started = 0;
  std::uint32_t process = 0;
  std::int32_t pid = 0;
  std::int32_t slot = 0;
  std::int32_t incarnation = 0;
  std::uint8_t role = 0;
  std::uint8_t source = 0;
  std::uint8_t length = 0;
  char subscriber[subscriber_limit]{};

  void name(std::string_view text) noexcept;
  /// No longer than there is room, whatever the length says.
  [[nodiscard]] std::string_view name() const noexcept { return {subscriber, std::min<std::size_t>(length, subscriber_limit)}; }
};

/// How a record ended, in one word, so that ending it is one instruction.
struct RecordResult {
  Outcome outcome = Outcome::running;
  std::chrono::nanoseconds duration{};
};

/// A ring of records for any number of writers and readers in any processes. It lives in zeroed shared memory, and all
/// zeros is its beginning: it is never constructed, so that no page is touched before it is needed.
///
/// A writer takes a ticket and with it a cell, claims the cell by its round, fills it, and commits it: readers take only what
/// is committed in the round they expect, the same before and after they copied it, and has the right sum. No writer waits: one
/// that comes a round later takes over a cell that was left half-written. All steps are callable in a signal handler. They are
/// apart so that a test can stop between them.
class Ring {
 public:
  static constexpr std::uint64_t capacity = 8192;

  [[nodiscard]] std::uint64_t reserve() noexcept { return head_.fetch_add(1, std::memory_order_relaxed); }
  /// Returns false if a later ticket has the cell already.
  bool claim(std::uint64_t ticket) noexcept;
  void fill(std::uint64_t ticket, RecordHeader const& header) noexcept;
  /// Returns false if a later ticket took the cell meanwhile; that one's record may be damaged now, and is marked so.
  bool commit(std::uint64_t ticket) noexcept;

  /// Runs all steps; returns the ticket.
  std::uint64_t write(RecordHeader const& header) noexcept;
  /// Ends a record that is running or has outlasted its deadline. Returns false if it is not there any more.
  bool end(std::uint64_t ticket, RecordResult result) noexcept;

  /// The result of a reader's look: nothing where the record is not whole.
  struct Found {
    RecordHeader header;
    RecordResult result;
  };
  [[nodiscard]] std::optional<Found> read(std::uint64_t ticket) const noexcept;

  /// The tickets from begin to end are in the ring; `overrun` counts those before that were never committed.
  struct Extent {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t overrun;
  };
  [[nodiscard]] Extent extent() const noexcept;

 private:
  static constexpr std::size_t word_count = sizeof(RecordHeader) / sizeof(std::uint64_t);
  static_assert(sizeof(RecordHeader) % sizeof(std::uint64_t) == 0);
  using Words = std::array<std::uint64_t, word_count>;

  struct alignas(64) Cell {
    std::atomic<std::uint64_t> round;
    std::atomic<std::uint64_t> result;
    std::atomic<std::uint64_t> sum;
    std::atomic<std::uint64_t> words[word_count];
  };
  static_assert(sizeof(Cell) == 128);
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

  [[nodiscard]] Cell& cell_of(std::uint64_t ticket) noexcept { return cells_[ticket % capacity]; }
  /// Returns the number of words up to the end of the name; what follows is neither written nor summed.
  [[nodiscard]] static std::size_t used_words(Words const& words) noexcept;
  [[nodiscard]] static std::uint64_t checksum(std::uint64_t ticket, Words const& words) noexcept;

  alignas(64) std::atomic<std::uint64_t> head_;
  alignas(64) std::atomic<std::uint64_t> overrun_;
  Cell cells_[capacity];
};

}  // namespace forksafe
