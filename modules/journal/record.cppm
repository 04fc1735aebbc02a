// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.journal:record;

import forksafe.std;

namespace forksafe {

/// Names a value that was read from memory other processes write to: it may be any number.
template <std::size_t Count>
[[nodiscard]] constexpr std::string_view name_among(std::string_view const (&names)[Count], std::size_t value) noexcept {
  return value < Count ? names[value] : std::string_view{"unknown"};
}

}  // namespace forksafe

export namespace forksafe {

/// How a subscriber's call ended.
enum class Outcome : std::uint8_t {
  running,
  heard,
  threw,
  /// It outlasted its deadline; it may have returned since.
  outlasted,
  called_exit,
  /// Found by the reader: the process ended while the call was running.
  died_inside,
  /// It was heard, when hardly any of the time was left in which the container expects a worker to start.
  slow
};

[[nodiscard]] constexpr std::string_view name_of(Outcome outcome) noexcept {
  constexpr std::string_view names[] = {"running", "heard", "threw", "outlasted", "called_exit", "died_inside", "slow"};
  return name_among(names, static_cast<std::size_t>(outcome));
}

/// CLOCK_MONOTONIC, which all processes of a machine share.
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// The part of an event's meaning that the reader needs to find incidents.
enum class Meaning : std::uint8_t { other, fork_failed, orderly_end };

/// An event and the hook that raises it: records refer to it by its position in the list given to the journal.
struct EventHook {
  std::string_view event;
  std::string_view hook;
  Meaning meaning = Meaning::other;
};

/// The number of event hooks that a journal can count.
inline constexpr std::size_t source_limit = 24;
/// The number of roles that it can tell apart.
inline constexpr std::size_t role_limit = 16;

/// The process that writes. The journal's user gives meaning to the role's number; slot and incarnation are 0 where unknown.
struct Writer {
  std::uint8_t role = 0;
  pid_t pid = 0;
  pid_t parent = 0;
  int slot = 0;
  int incarnation = 0;
  bool forked = false;
};

/// One call of one subscriber; an event without a subscriber has a record with an empty one.
struct JournalRecord {
  WallTime time{};
  std::uint8_t role = 0;
  int slot = 0;
  int incarnation = 0;
  pid_t pid = 0;
  std::string_view event{};
  std::string_view hook{};
  std::string subscriber{};
  /// Zero while it is running.
  std::chrono::nanoseconds duration{};
  Outcome outcome = Outcome::running;
};

/// The latest records, oldest first, and the fate of all others.
struct JournalPage {
  std::vector<JournalRecord> records{};
  /// The number that were ever begun: what is still readable, plus dropped, plus torn.
  std::uint64_t written = 0;
  /// Whole records that newer ones have pushed out.
  std::uint64_t dropped = 0;
  /// Unreadable records: their writer was killed in the middle, or overtaken by a whole round of the ring, or is writing at
  /// this very moment.
  std::uint64_t torn = 0;
};

/// How often a process heard an event, and when for the last time; exact, however many records were dropped.
struct JournalCount {
  std::size_t source = 0;
  std::uint64_t heard = 0;
  std::uint64_t failed = 0;
  SteadyTime latest{};
  /// Zero if none failed.
  SteadyTime latest_failed{};
};

/// One process of the server.
struct JournalProcess {
  Writer writer{};
  SteadyTime born{};
  /// When its end was told; zero if it was not.
  SteadyTime left{};
  bool alive = false;
  std::vector<JournalCount> counts{};
};

/// What the dead processes of one role have heard whose entries had to make room for others.
struct JournalDeparted {
  std::uint8_t role = 0;
  std::uint64_t processes = 0;
  std::vector<JournalCount> counts{};
};

/// All that the journal holds, read at one time.
struct JournalReading {
  std::vector<JournalProcess> processes{};
  std::vector<JournalDeparted> departed{};
  JournalPage page{};
};

/// The kinds of incidents, found by reading.
enum class IncidentKind : std::uint8_t {
  /// The fork made no child.
  fork_failed,
  /// One slot was filled again and again, by processes that came to no orderly end.
  respawn_storm,
  /// A process ended inside a subscriber.
  died_inside,
  /// A subscriber left hardly any of the time in which the container expects a worker to start.
  slow_start,
  /// A child has heard no event for arrival_limit since its fork, or is gone before it heard one: it hangs inside fork(), or
  /// was killed there.
  never_arrived
};

[[nodiscard]] constexpr std::string_view name_of(IncidentKind kind) noexcept {
  constexpr std::string_view names[] = {"fork_failed", "respawn_storm", "died_inside", "slow_start", "never_arrived"};
  return name_among(names, static_cast<std::size_t>(kind));
}

/// So many processes of one slot, without an orderly end and forked within so long, are a respawn storm.
inline constexpr std::size_t storm_size = 5;
inline constexpr std::chrono::seconds storm_span{30};
/// The time after its fork within which a child hears its first event.
inline constexpr std::chrono::seconds arrival_limit{10};
/// What happened longer ago is history, not an incident.
inline constexpr std::chrono::minutes incident_age{15};

struct Incident {
  IncidentKind kind{};
  /// The last time.
  WallTime time{};
  std::uint8_t role = 0;
  int slot = 0;
  pid_t pid = 0;
  std::string_view event{};
  std::string_view hook{};
  std::string subscriber{};
  /// The number of times; in a storm, of processes.
  std::uint64_t times = 1;
};

}  // namespace forksafe
