// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe:report;

import :subscriber;
import forksafe.audit;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

// Values, as the processes know them: what a view shows of them is described once, in describe.cpp. A member that is added
// here and not there does not compile, and is in all views as soon as it is in both.
export namespace forksafe {

/// One row of the wiring: the container's hook raises the event in these processes.
struct WiringRow {
  std::string_view event{};
  /// The hook; for an absent event the reason why it is never raised.
  std::string_view hook{};
  /// The names of the processes, as in `master, worker`.
  std::string_view process{};
  /// Views show it as the source.
  Support source = Support::absent;
};

/// One subscriber, in the order in which a child calls them.
struct SubscriberRow {
  std::string_view name{};
  Phase phase = Phase::application;
  std::span<std::string_view const> events{};
};

/// The static auto-configure report: a constant of the binary, the same in every process.
struct Report {
  /// The debug object's status once the container is recognised.
  std::string_view status{};
  std::string_view environment{};
  std::span<std::string_view const> autoconfigure_log{};
  std::span<WiringRow const> wiring{};
  std::span<SubscriberRow const> subscribers{};
  /// The conditions that the container must be started with.
  std::span<std::string_view const> requirements{};
};

/// A container's hook that has run in this process, or in the parent before it was forked.
struct ExecutedHook {
  /// As in `containers.toy.post_fork`.
  std::string hook{};
  std::string event{};
  /// Whether a subscriber failed on it, ever.
  bool failed = false;
};

/// A subscriber that threw, outlasted its deadline, or tried to end the process; a repetition adds to its number.
struct FailureRow {
  std::string subscriber{};
  std::string event{};
  std::string hook{};
  ProcessKind role{{}, Role::unknown};
  std::optional<int> slot{};
  pid_t pid = 0;
  /// As in `threw: no route to host`, without secrets.
  std::string reason{};
  std::uint64_t times = 0;
};

/// One subscriber of this process, in the order in which a child calls them: one of the compile-time list, or one added at run
/// time, which is known by its key.
struct SubscribedRow {
  std::string name{};
  Phase phase = Phase::application;
  std::vector<std::string_view> events{};
  bool at_run_time = false;
};

/// The number of times that one process heard one event from one hook.
struct HeardEvent {
  std::string_view event{};
  std::string_view hook{};
  std::uint64_t count = 0;
  /// The number of these times at which a subscriber failed.
  std::uint64_t failed = 0;
};

/// One process of the server: all that live, and the latest dead ones.
struct ProcessRow {
  ProcessKind role{{}, Role::unknown};
  std::optional<int> slot{};
  std::optional<int> incarnation{};
  pid_t pid = 0;
  pid_t parent = 0;
  /// Whether a fork made it.
  bool forked = false;
  /// The time when it heard its first event.
  WallTime born{};
  /// The time when its end was reported; nothing if it was not.
  std::optional<WallTime> gone{};
  bool alive = false;
  std::vector<HeardEvent> events{};
};

/// The dead processes of one role that are not in the table. With them no sum ever falls.
struct DepartedRow {
  ProcessKind role{{}, Role::unknown};
  std::uint64_t processes = 0;
  std::vector<HeardEvent> events{};
};

/// One call of a subscriber in one process of the server.
struct JournalRow {
  WallTime time{};
  ProcessKind role{{}, Role::unknown};
  std::optional<int> slot{};
  std::optional<int> incarnation{};
  pid_t pid = 0;
  std::string_view event{};
  std::string_view hook{};
  /// Empty where no subscriber listened.
  std::string subscriber{};
  /// The time that it took; nothing while it is running.
  std::optional<std::chrono::nanoseconds> nanoseconds{};
  Outcome outcome = Outcome::running;
};

/// The latest part of the journal, oldest first; see JournalPage for the numbers.
struct JournalView {
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;
  std::uint64_t torn = 0;
  std::vector<JournalRow> records{};
};

/// A recent incident in any process of the server; a repetition adds to its number.
struct IncidentRow {
  /// The last time.
  WallTime time{};
  IncidentKind what = IncidentKind::fork_failed;
  ProcessKind role{{}, Role::unknown};
  std::optional<int> slot{};
  pid_t pid = 0;
  std::string_view event{};
  std::string_view hook{};
  std::string subscriber{};
  std::uint64_t times = 0;
};

/// An unsafe thing that this process has inherited, see Finding of forksafe.audit.
struct FindingRow {
  Severity severity = Severity::info;
  Hazard hazard{};
  std::string what{};
  std::string where_from{};
  std::string_view why{};
  std::string_view repair{};
};

/// A setting as every view shows it: secrets are redacted.
struct SettingRow {
  std::string key{};
  std::string value{};
  std::string source{};
};

/// The debug object's facts about its own process in few words, without a look at the others.
struct DebugBasics {
  std::string status{};
  std::optional<std::string> environment{};
  /// Published as `autoconfigure.log`.
  std::vector<std::string> autoconfigure_log{};
  std::vector<ExecutedHook> executed_hooks{};
};

/// The report plus what has happened in this process, and what the processes of the server have heard.
struct DebugObject {
  std::string status{};
  std::optional<std::string> environment{};
  /// Published as `autoconfigure.log`.
  std::vector<std::string> autoconfigure_log{};
  std::vector<ExecutedHook> executed_hooks{};
  std::vector<FailureRow> failures{};
  /// The number of failures of this process for which there was no row.
  std::uint64_t failures_dropped = 0;
  /// The latest failure of any process.
  std::optional<WallTime> last_failed_call{};
  std::span<WiringRow const> wiring{};
  std::vector<SubscribedRow> subscribers{};
  std::span<std::string_view const> requirements{};
  std::vector<ProcessRow> processes{};
  std::vector<DepartedRow> departed{};
  std::vector<SettingRow> settings{};
  /// The forks on the way to this process that no handler saw.
  std::uint64_t unannounced_forks = 0;
  /// Whether this process was audited.
  bool audited = false;
  std::vector<FindingRow> findings{};
  std::vector<IncidentRow> incidents{};
  JournalView journal{};
};

/// Returns the name of such a process in every view: its container's word, else its role.
[[nodiscard]] constexpr std::string_view name_of(ProcessKind const& kind) noexcept {
  return kind.word.empty() ? name_of(kind.role) : kind.word;
}

}  // namespace forksafe
