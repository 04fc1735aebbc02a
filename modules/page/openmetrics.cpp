// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>
module forksafe.page;

import forksafe.audit;

namespace forksafe {
namespace {

using Label = std::pair<std::string_view, std::string_view>;

std::string label_value(std::string_view text) {
  std::string result;
  for (char const character : as_utf8(text)) {
    if (character == '\n') {
      result += "\\n";
    } else {
      if (character == '\\' || character == '"') result += '\\';
      result += character;
    }
  }
  return result;
}

std::string sample(std::string_view name, std::initializer_list<Label> labels, std::uint64_t value) {
  std::string line{name};
  for (auto const& [label, text] : labels)
    line += joined({line.size() == name.size() ? "{" : ",", label, "=\"", label_value(text), "\""});
  return line + (labels.size() == 0 ? " " : "} ") + std::to_string(value) + "\n";
}

std::string family(std::string_view name, std::string_view type, std::string_view help) {
  return joined({"# TYPE ", name, " ", type, "\n# HELP ", name, " ", help, "\n"});
}

using Counts =
    std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::pair<std::uint64_t, std::uint64_t>>;

/// Counts how often the processes of each role heard and failed on each event from each hook, dead ones included.
Counts sum_counts(DebugObject const& debug) {
  Counts counts;
  auto const add = [&counts](std::string_view role, std::vector<HeardEvent> const& events) {
    for (HeardEvent const& heard : events) {
      auto& [count, failed] = counts[{heard.event, heard.hook, role}];
      count += heard.count;
      failed += heard.failed;
    }
  };
  for (ProcessRow const& process : debug.processes) add(name_of(process.role), process.events);
  for (DepartedRow const& departed : debug.departed) add(name_of(departed.role), departed.events);
  return counts;
}

std::string events(DebugObject const& debug) {
  Counts const counts = sum_counts(debug);
  std::string heard = family("forksafe_events", "counter", "Events heard by all processes of the server, from its start.");
  std::string failed = family("forksafe_events_failed", "counter", "Of these, events on which a subscriber failed.");
  std::map<std::string_view, std::uint64_t> forks{{name_of(Role::master), 0}};
  for (auto const& [key, count] : counts) {
    auto const& [event, hook, role] = key;
    heard += sample("forksafe_events_total", {{"event", event}, {"hook", hook}, {"role", role}}, count.first);
    failed += sample("forksafe_events_failed_total", {{"event", event}, {"hook", hook}, {"role", role}}, count.second);
    if (event == event_name<ApplicationForkFailed>) forks[role] += count.first;
  }
  std::string failed_forks =
      family("forksafe_forks_failed", "counter", "Forks that made no child, by the role of the process that forked.");
  for (auto const& [role, count] : forks) failed_forks += sample("forksafe_forks_failed_total", {{"role", role}}, count);
  return heard + failed + failed_forks;
}

std::string processes(DebugObject const& debug) {
  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> roles;
  for (ProcessRow const& process : debug.processes) {
    auto& [alive, dead] = roles[name_of(process.role)];
    ++(process.alive ? alive : dead);
  }
  for (DepartedRow const& departed : debug.departed) roles[name_of(departed.role)].second += departed.processes;
  std::string text = family("forksafe_processes", "gauge", "Processes of the server since its start, by role and state.");
  for (auto const& [role, count] : roles) {
    text += sample("forksafe_processes", {{"role", role}, {"state", "alive"}}, count.first);
    text += sample("forksafe_processes", {{"role", role}, {"state", "dead"}}, count.second);
  }
  return text;
}

std::uint64_t incidents(DebugObject const& debug, IncidentKind kind) {
  return static_cast<std::uint64_t>(std::ranges::count(debug.incidents, kind, &IncidentRow::what));
}

std::uint64_t times(DebugObject const& debug, IncidentKind kind) {
  std::uint64_t sum = 0;
  for (IncidentRow const& incident : debug.incidents)
    if (incident.what == kind) sum += incident.times;
  return sum;
}

/// Returns what a scraper is told of the incidents of a kind.
std::string format_incidents(DebugObject const& debug, IncidentKind kind) {
  switch (kind) {
    // The counter of failed forks says more.
    case IncidentKind::fork_failed: return {};
    case IncidentKind::respawn_storm:
      return family("forksafe_respawn_storms", "gauge", "Slots whose processes died again and again lately.") +
             sample("forksafe_respawn_storms", {}, incidents(debug, kind));
    case IncidentKind::died_inside:
      return family("forksafe_deaths_inside_subscriber", "gauge",
                    "Processes that ended inside a subscriber lately, while the journal has the record.") +
             sample("forksafe_deaths_inside_subscriber", {}, times(debug, kind));
    case IncidentKind::slow_start:
      return family("forksafe_slow_starts", "gauge",
                    "Calls that lately left hardly any of the time in which the container expects a worker to start.") +
             sample("forksafe_slow_starts", {}, times(debug, kind));
    case IncidentKind::never_arrived:
      return family("forksafe_never_arrived", "gauge", "Children that were forked lately and heard no event.") +
             sample("forksafe_never_arrived", {}, times(debug, kind));
  }
  return {};
}

std::string journal(DebugObject const& debug) {
  std::string text;
  for (IncidentKind const kind :
       {IncidentKind::respawn_storm, IncidentKind::died_inside, IncidentKind::slow_start, IncidentKind::never_arrived})
    text += format_incidents(debug, kind);
  return text + family("forksafe_journal_written", "counter", "Records begun.") +
         sample("forksafe_journal_written_total", {}, debug.journal.written) +
         family("forksafe_journal_dropped", "counter", "Whole records that newer ones have pushed out.") +
         sample("forksafe_journal_dropped_total", {}, debug.journal.dropped) +
         family("forksafe_journal_torn", "gauge", "Records that nobody can read, those being written now included.") +
         sample("forksafe_journal_torn", {}, debug.journal.torn);
}

/// Returns what is one process's only: each scrape may be answered by another.
std::string own(DebugObject const& debug, std::string_view answering) {
  std::string text =
      family("forksafe_unannounced_forks", "gauge", "Forks on the way to the process that answered that no handler saw.") +
      sample("forksafe_unannounced_forks", {{"process", answering}}, debug.unannounced_forks);
  if (!debug.audited) return text;
  text +=
      family("forksafe_audit_findings", "gauge", "Unsafe things that the process that answered has inherited, by severity.");
  for (Severity const severity : {Severity::info, Severity::warning, Severity::error, Severity::critical})
    text += sample("forksafe_audit_findings", {{"process", answering}, {"severity", name_of(severity)}},
                   static_cast<std::uint64_t>(std::ranges::count(debug.findings, severity, &FindingRow::severity)));
  return text;
}

}  // namespace

std::string to_openmetrics(DebugObject const& debug, PageContext const& context) {
  return family("forksafe", "info", "What the container is recognised as.") +
         sample(
             "forksafe_info",
             {{"application", context.application}, {"environment", debug.environment.value_or("")}, {"status", debug.status}},
             1) +
         processes(debug) + events(debug) + journal(debug) + own(debug, answering_title(debug, context)) + "# EOF\n";
}

}  // namespace forksafe
