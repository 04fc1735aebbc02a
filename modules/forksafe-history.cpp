// SPDX-License-Identifier: MIT
module;
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe;

import :history;

namespace forksafe {
namespace {

std::string_view name_of_role(std::uint8_t role) noexcept { return name_of(static_cast<Role>(role)); }

std::optional<int> known(int number) noexcept { return number == 0 ? std::optional<int>{} : number; }

/// ISO 8601 in UTC.
std::string text_of(WallTime time) {
  auto const since_epoch = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  auto const whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  std::time_t const seconds = whole.count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  std::size_t const length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%06dZ", static_cast<int>((since_epoch - whole).count()));
  return text;
}

std::vector<HeardEvent> heard_events(Journal const& journal, std::vector<JournalCount> const& counts) {
  std::vector<HeardEvent> events;
  for (JournalCount const& count : counts) {
    JournalSource const& source = journal.sources()[count.source];
    events.push_back({source.event, source.hook, count.heard, count.failed});
  }
  return events;
}

}  // namespace

std::vector<ProcessRow> process_rows(Journal const& journal) {
  std::vector<ProcessRow> rows;
  for (JournalProcess const& process : journal.processes()) {
    Writer const& writer = process.writer;
    bool const told = process.left != Moment{};
    rows.push_back({name_of_role(writer.role), known(writer.slot), known(writer.incarnation), writer.pid, writer.parent,
                    writer.forked, text_of(journal.wall_time(process.born)),
                    told ? std::optional<std::string>{text_of(journal.wall_time(process.left))} : std::nullopt,
                    process.alive, heard_events(journal, process.counts)});
  }
  return rows;
}

std::vector<DepartedRow> departed_rows(Journal const& journal) {
  std::vector<DepartedRow> rows;
  for (JournalDeparted const& departed : journal.departed())
    rows.push_back({name_of_role(departed.role), departed.processes, heard_events(journal, departed.counts)});
  return rows;
}

std::vector<IncidentRow> incident_rows(Journal const& journal) {
  std::vector<IncidentRow> rows;
  for (Incident& incident : journal.incidents()) {
    rows.push_back({incident.time == WallTime{} ? std::optional<std::string>{} : text_of(incident.time),
                    name_of(incident.kind), name_of_role(incident.role), known(incident.slot), incident.pid,
                    incident.event, incident.hook, std::move(incident.subscriber), incident.times});
  }
  return rows;
}

JournalView journal_view(Journal const& journal) {
  JournalPage page = journal.latest(shown_records);
  JournalView view{page.written, page.dropped, page.torn, {}};
  for (JournalRecord& record : page.records) {
    bool const ended = record.outcome != Outcome::running && record.outcome != Outcome::died_inside;
    view.records.push_back({text_of(record.time), name_of_role(record.role), known(record.slot), known(record.incarnation),
                            record.pid, record.event, record.hook, std::move(record.subscriber),
                            ended ? std::optional<std::uint64_t>(record.duration.count()) : std::nullopt,
                            name_of(record.outcome)});
  }
  return view;
}

}  // namespace forksafe
