// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.audit;
import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

using described::Labels;

/// Returns the labels, and those that are no field of a struct.
Labels with(Labels labels, Labels const& others) {
  labels.insert(others.begin(), others.end());
  return labels;
}

std::string sample(std::string_view name, Labels const& labels, std::uint64_t value) {
  return base::concat(name, to_labels(labels), " ", value, "\n");
}

std::string family(std::string_view name, std::string_view type, std::string_view help) {
  return base::concat("# TYPE ", name, " ", type, "\n# HELP ", name, " ", help, "\n");
}

/// What the processes of each role have heard, dead ones included.
struct Sums {
  std::map<Labels, std::pair<std::uint64_t, std::uint64_t>> events{};
  /// By the role of the process that forked.
  std::map<Labels, std::uint64_t> failed_forks{{labels_of(DepartedRow{{{}, Role::master}, 0, {}}), 0}};
};

/// Counts how often the processes of each role heard and failed on each event from each hook, dead ones included.
Sums sum_counts(DebugObject const& debug) {
  Sums sums;
  auto const add = [&sums](Labels const& whose, std::vector<HeardEvent> const& events) {
    for (HeardEvent const& heard : events) {
      auto& [count, failed] = sums.events[with(labels_of(heard), whose)];
      count += heard.count;
      failed += heard.failed;
      if (heard.event == event_name<ApplicationForkFailed>) sums.failed_forks[whose] += heard.count;
    }
  };
  for (ProcessRow const& process : debug.processes) add(labels_of(process), process.events);
  for (DepartedRow const& departed : debug.departed) add(labels_of(departed), departed.events);
  return sums;
}

std::string events(DebugObject const& debug) {
  Sums const sums = sum_counts(debug);
  std::string heard = family("forksafe_events", "counter", "Events heard by all processes of the server, from its start.");
  std::string failed = family("forksafe_events_failed", "counter", "Of these, events on which a subscriber failed.");
  for (auto const& [labels, count] : sums.events) {
    heard += sample("forksafe_events_total", labels, count.first);
    failed += sample("forksafe_events_failed_total", labels, count.second);
  }
  std::string failed_forks =
      family("forksafe_forks_failed", "counter", "Forks that made no child, by the role of the process that forked.");
  for (auto const& [labels, count] : sums.failed_forks) failed_forks += sample("forksafe_forks_failed_total", labels, count);
  return heard + failed + failed_forks;
}

std::string processes(DebugObject const& debug) {
  std::map<Labels, std::pair<std::uint64_t, std::uint64_t>> roles;
  for (ProcessRow const& process : debug.processes) {
    auto& [alive, dead] = roles[labels_of(process)];
    ++(process.alive ? alive : dead);
  }
  for (DepartedRow const& departed : debug.departed) roles[labels_of(departed)].second += departed.processes;
  std::string text = family("forksafe_processes", "gauge", "Processes of the server since its start, by role and state.");
  for (auto const& [labels, count] : roles) {
    text += sample("forksafe_processes", with(labels, {{"state", "alive"}}), count.first);
    text += sample("forksafe_processes", with(labels, {{"state", "dead"}}), count.second);
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

/// Returns what is one process's only: each scrape may be answered by another. All processes of a slot have the same label, or
/// each would begin new time series.
std::string own(DebugObject const& debug, PageContext const& context) {
  ProcessRow const* const process = find_answering(debug, context);
  std::string const answering = process == nullptr ? "" : format_place(*process);
  std::string text =
      family("forksafe_unannounced_forks", "gauge", "Forks on the way to the process that answered that no handler saw.") +
      sample("forksafe_unannounced_forks", {{"process", answering}}, debug.unannounced_forks);
  if (!debug.audited) return text;
  text +=
      family("forksafe_audit_findings", "gauge", "Unsafe things that the process that answered has inherited, by severity.");
  for (Severity const severity : {Severity::info, Severity::warning, Severity::error, Severity::critical})
    text += sample("forksafe_audit_findings", with(labels_of(FindingRow{.severity = severity}), {{"process", answering}}),
                   static_cast<std::uint64_t>(std::ranges::count(debug.findings, severity, &FindingRow::severity)));
  return text;
}

}  // namespace

std::string to_openmetrics(DebugObject const& debug, PageContext const& context) {
  return family("forksafe", "info", "What the container is recognised as.") +
         sample("forksafe_info", with(labels_of(debug), {{"application", context.application}}), 1) + processes(debug) +
         events(debug) + journal(debug) + own(debug, context) + "# EOF\n";
}

}  // namespace forksafe
