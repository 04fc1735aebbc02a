// SPDX-License-Identifier: MIT
module;
#include <boost/hana/accessors.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>
export module forksafe:report;

// Not exported: the framework's own units see these names, importers do not.
namespace boost::hana {
using boost::hana::accessors;
using boost::hana::first;
using boost::hana::for_each;
using boost::hana::second;
using boost::hana::to;
}  // namespace boost::hana

// Each struct is defined by its description, so that a field is written once and every view shows it.
export namespace forksafe {

/// One row of the wiring: the container's hook raises the event in these processes.
struct WiringRow {
  BOOST_HANA_DEFINE_STRUCT(WiringRow, (std::string_view, event), (std::string_view, hook), (std::string_view, process),
                           (std::string_view, source));
};

/// One subscriber, in the order in which a child calls them.
struct SubscriberRow {
  BOOST_HANA_DEFINE_STRUCT(SubscriberRow, (std::string_view, name), (std::string_view, phase),
                           (std::span<std::string_view const>, events));
};

/// The static auto-configure report: a constant of the binary, the same in every process.
struct Report {
  BOOST_HANA_DEFINE_STRUCT(Report,
                           // What the debug object says once the container is recognised.
                           (std::string_view, status), (std::string_view, environment),
                           (std::span<std::string_view const>, autoconfigure_log), (std::span<WiringRow const>, wiring),
                           (std::span<SubscriberRow const>, subscribers),
                           // What the container must be started with.
                           (std::span<std::string_view const>, requirements));
};

/// A container's hook that has run in this process, or in the parent before it was forked.
struct ExecutedHook {
  BOOST_HANA_DEFINE_STRUCT(ExecutedHook, (std::string, hook), (std::string, event), (bool, failed));
};

/// A subscriber that threw, outlasted its deadline, or tried to end the process; the same again is one more time.
struct FailureRow {
  BOOST_HANA_DEFINE_STRUCT(FailureRow, (std::string, subscriber), (std::string, event), (std::string, hook),
                           (std::string, role), (std::optional<int>, slot), (pid_t, pid), (std::string, reason),
                           (std::uint64_t, times));
};

/// One subscriber of this process, in the order in which a child calls them: of the compile-time list, or one that was added
/// at run time, which is known by its key.
struct SubscribedRow {
  BOOST_HANA_DEFINE_STRUCT(SubscribedRow, (std::string, name), (std::string_view, phase),
                           (std::vector<std::string_view>, events), (bool, at_run_time));
};

/// How often one process heard one event from one hook.
struct HeardEvent {
  BOOST_HANA_DEFINE_STRUCT(HeardEvent, (std::string_view, event), (std::string_view, hook), (std::uint64_t, count),
                           (std::uint64_t, failed));
};

/// One process of the server: all that live, and the latest dead ones.
struct ProcessRow {
  BOOST_HANA_DEFINE_STRUCT(ProcessRow, (std::string_view, role), (std::optional<int>, slot),
                           (std::optional<int>, incarnation), (pid_t, pid), (pid_t, parent), (bool, forked),
                           // When its first event was heard, and when its end was told; none if that was not.
                           (std::string, born), (std::optional<std::string>, gone), (bool, alive),
                           (std::vector<HeardEvent>, events));
};

/// The dead processes of one role that are not in the table: with them no sum ever falls.
struct DepartedRow {
  BOOST_HANA_DEFINE_STRUCT(DepartedRow, (std::string_view, role), (std::uint64_t, processes),
                           (std::vector<HeardEvent>, events));
};

/// One call of a subscriber in one process of the server.
struct JournalRow {
  BOOST_HANA_DEFINE_STRUCT(JournalRow, (std::string, time), (std::string_view, role), (std::optional<int>, slot),
                           (std::optional<int>, incarnation), (pid_t, pid), (std::string_view, event),
                           (std::string_view, hook), (std::string, subscriber),
                           // None while it is running.
                           (std::optional<std::uint64_t>, nanoseconds), (std::string_view, outcome));
};

/// The latest part of the journal, oldest first; see JournalPage for the numbers.
struct JournalView {
  BOOST_HANA_DEFINE_STRUCT(JournalView, (std::uint64_t, written), (std::uint64_t, dropped), (std::uint64_t, torn),
                           (std::vector<JournalRow>, records));
};

/// What went wrong lately in any process of the server, see IncidentKind; the same again is one more time.
struct IncidentRow {
  BOOST_HANA_DEFINE_STRUCT(IncidentRow, (std::optional<std::string>, time), (std::string_view, what),
                           (std::string_view, role), (std::optional<int>, slot), (pid_t, pid), (std::string_view, event),
                           (std::string_view, hook), (std::string, subscriber), (std::uint64_t, times));
};

/// An unsafe thing that this process has inherited, see Finding of forksafe.audit.
struct FindingRow {
  BOOST_HANA_DEFINE_STRUCT(FindingRow, (std::string_view, severity), (std::string_view, hazard), (std::string, what),
                           (std::string, where_from), (std::string_view, why), (std::string_view, repair));
};

/// A setting as every view shows it: secrets are redacted.
struct SettingRow {
  BOOST_HANA_DEFINE_STRUCT(SettingRow, (std::string, key), (std::string, value), (std::string, source));
};

/// What the debug object says of its own process in few words, without a look at the others.
struct DebugBasics {
  BOOST_HANA_DEFINE_STRUCT(DebugBasics, (std::string, status), (std::optional<std::string>, environment),
                           (std::vector<std::string>, autoconfigure_log), (std::vector<ExecutedHook>, executed_hooks));
};

/// The report plus what has happened in this process, and what the processes of the server have heard.
struct DebugObject {
  BOOST_HANA_DEFINE_STRUCT(DebugObject, (std::string, status), (std::optional<std::string>, environment),
                           (std::vector<std::string>, autoconfigure_log), (std::vector<ExecutedHook>, executed_hooks),
                           (std::vector<FailureRow>, failures),
                           // Failures of this process for which there was no row, and the latest failure of any process.
                           (std::uint64_t, failures_dropped), (std::optional<std::string>, last_failed_call),
                           (std::span<WiringRow const>, wiring), (std::vector<SubscribedRow>, subscribers),
                           (std::span<std::string_view const>, requirements), (std::vector<ProcessRow>, processes),
                           (std::vector<DepartedRow>, departed), (std::vector<SettingRow>, settings),
                           // Forks on the way to this process that no handler saw.
                           (std::uint64_t, unannounced_forks),
                           // Whether anybody has looked for findings in this process.
                           (bool, audited), (std::vector<FindingRow>, findings),
                           (std::vector<IncidentRow>, incidents),
                           (JournalView, journal));
};

}  // namespace forksafe
