// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe;

import :history;
import :traits;

namespace forksafe {
namespace {

std::optional<int> known(int number) noexcept { return number == 0 ? std::optional<int>{} : number; }

/// ISO 8601 in UTC, with four digits of the year whatever the shared memory says.
std::string text_of(WallTime time) {
  time = std::max(time, WallTime{});
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
    if (count.source >= journal.sources().size()) continue;
    JournalSource const& source = journal.sources()[count.source];
    events.push_back({source.event, source.hook, count.heard, count.failed});
  }
  return events;
}

void add_departed(std::vector<DepartedRow>& rows, std::string_view role, std::uint64_t processes,
                  std::vector<HeardEvent> const& events) {
  auto row = std::ranges::find(rows, role, &DepartedRow::role);
  if (row == rows.end()) row = rows.insert(row, DepartedRow{role, 0, {}});
  row->processes += processes;
  for (HeardEvent const& heard : events) {
    auto const same = std::ranges::find_if(row->events, [&](HeardEvent const& one) {
      return one.event == heard.event && one.hook == heard.hook;
    });
    if (same == row->events.end()) {
      row->events.push_back(heard);
    } else {
      same->count += heard.count;
      same->failed += heard.failed;
    }
  }
}

bool is_same(IncidentRow const& one, IncidentRow const& other) {
  return one.what == other.what && one.role == other.role && one.slot == other.slot && one.event == other.event &&
         one.hook == other.hook && one.subscriber == other.subscriber;
}

}  // namespace

ServerProcesses server_processes(Journal const& journal, std::span<ProcessKind const> words) {
  ServerProcesses shown;
  for (JournalDeparted const& departed : journal.departed())
    add_departed(shown.departed, name_of_kind(departed.role, words), departed.processes, heard_events(journal, departed.counts));
  std::vector<JournalProcess> const processes = journal.processes();
  auto dead = static_cast<std::size_t>(std::ranges::count(processes, false, &JournalProcess::alive));
  for (JournalProcess const& process : processes) {
    Writer const& writer = process.writer;
    if (!process.alive && dead-- > shown_dead) {
      add_departed(shown.departed, name_of_kind(writer.role, words), 1, heard_events(journal, process.counts));
      continue;
    }
    bool const told = process.left != Moment{};
    shown.rows.push_back({name_of_kind(writer.role, words), known(writer.slot), known(writer.incarnation), writer.pid, writer.parent,
                          writer.forked, text_of(journal.wall_time(process.born)),
                          told ? std::optional<std::string>{text_of(journal.wall_time(process.left))} : std::nullopt,
                          process.alive, heard_events(journal, process.counts)});
  }
  return shown;
}

std::optional<std::string> last_failed_call(Journal const& journal) {
  Moment const latest = journal.latest_failure();
  return latest == Moment{} ? std::optional<std::string>{} : text_of(journal.wall_time(latest));
}

std::vector<IncidentRow> incident_rows(Journal const& journal, std::span<ProcessKind const> words) {
  std::vector<IncidentRow> rows;
  for (Incident& incident : journal.incidents()) {
    IncidentRow row{text_of(incident.time), name_of(incident.kind), name_of_kind(incident.role, words), known(incident.slot),
                    incident.pid, incident.event, incident.hook, std::move(incident.subscriber), incident.times};
    auto const same = std::ranges::find_if(rows, [&](IncidentRow const& other) { return is_same(row, other); });
    if (same != rows.end()) {
      row.times += same->times;
      rows.erase(same);
    }
    rows.push_back(std::move(row));
  }
  if (rows.size() > shown_incidents)
    rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(shown_incidents));
  return rows;
}

JournalView journal_view(Journal const& journal, std::span<ProcessKind const> words) {
  JournalPage page = journal.latest(shown_records);
  JournalView view{page.written, page.dropped, page.torn, {}};
  for (JournalRecord& record : page.records) {
    bool const ended = record.outcome != Outcome::running && record.outcome != Outcome::died_inside;
    view.records.push_back({text_of(record.time), name_of_kind(record.role, words), known(record.slot), known(record.incarnation),
                            record.pid, record.event, record.hook, std::move(record.subscriber),
                            ended ? std::optional<std::uint64_t>(record.duration.count()) : std::nullopt,
                            name_of(record.outcome)});
  }
  return view;
}

}  // namespace forksafe
