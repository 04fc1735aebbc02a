// SPDX-License-Identifier: MIT
module forksafe;

import :history;
import :traits;
import forksafe.std.operators;

namespace forksafe {
namespace {

std::optional<int> known(int number) noexcept { return number == 0 ? std::optional<int>{} : number; }

/// Makes a time safe: the difference of two is a time, whatever the shared memory says.
WallTime known(WallTime time) noexcept { return std::max(time, WallTime{}); }

std::vector<HeardEvent> heard_events(Journal const& journal, std::vector<JournalCount> const& counts) {
  std::vector<HeardEvent> events;
  for (JournalCount const& count : counts) {
    if (count.source >= journal.event_hooks().size()) continue;
    EventHook const& event_hook = journal.event_hooks()[count.source];
    events.push_back({event_hook.event, event_hook.hook, count.heard, count.failed});
  }
  return events;
}

void add_departed(std::vector<DepartedRow>& rows, ProcessKind const& role, std::uint64_t processes,
                  std::vector<HeardEvent> const& events) {
  auto row = std::ranges::find(rows, role, &DepartedRow::role);
  if (row == rows.end()) row = rows.insert(row, DepartedRow{role, 0, {}});
  row->processes += processes;
  for (HeardEvent const& heard : events) {
    auto const same = std::ranges::find_if(
        row->events, [&](HeardEvent const& one) { return one.event == heard.event && one.hook == heard.hook; });
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

ServerProcesses server_processes(Journal const& journal, JournalReading const& read, std::span<ProcessKind const> words) {
  ServerProcesses shown;
  for (JournalDeparted const& departed : read.departed)
    add_departed(shown.departed, kind_numbered(departed.role, words), departed.processes,
                 heard_events(journal, departed.counts));
  auto dead = static_cast<std::size_t>(std::ranges::count(read.processes, false, &JournalProcess::alive));
  for (JournalProcess const& process : read.processes) {
    Writer const& writer = process.writer;
    ProcessKind const role = kind_numbered(writer.role, words);
    if (!process.alive && dead-- > shown_dead) {
      add_departed(shown.departed, role, 1, heard_events(journal, process.counts));
      continue;
    }
    bool const told = process.left != SteadyTime{};
    shown.rows.push_back({role, known(writer.slot), known(writer.incarnation), writer.pid, writer.parent, writer.forked,
                          known(journal.wall_time(process.born)),
                          told ? std::optional{known(journal.wall_time(process.left))} : std::nullopt, process.alive,
                          heard_events(journal, process.counts)});
  }
  return shown;
}

std::optional<WallTime> last_failed_call(Journal const& journal) {
  SteadyTime const latest = journal.latest_failure();
  return latest == SteadyTime{} ? std::optional<WallTime>{} : known(journal.wall_time(latest));
}

std::vector<IncidentRow> incident_rows(Journal const& journal, JournalReading const& read, std::span<ProcessKind const> words) {
  std::vector<IncidentRow> rows;
  for (Incident& incident : journal.incidents(read)) {
    IncidentRow row{
        known(incident.time), incident.kind, kind_numbered(incident.role, words), known(incident.slot), incident.pid,
        incident.event,       incident.hook, std::move(incident.subscriber),      incident.times};
    auto const same = std::ranges::find_if(rows, [&](IncidentRow const& other) { return is_same(row, other); });
    if (same != rows.end()) {
      row.times += same->times;
      rows.erase(same);
    }
    rows.push_back(std::move(row));
  }
  if (rows.size() > shown_incidents) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(shown_incidents));
  return rows;
}

JournalView journal_view(JournalPage page, std::span<ProcessKind const> words) {
  JournalView view{page.written, page.dropped, page.torn, {}};
  for (JournalRecord& record : std::span{page.records}.last(std::min(shown_records, page.records.size()))) {
    bool const ended = record.outcome != Outcome::running && record.outcome != Outcome::died_inside;
    view.records.push_back({known(record.time), kind_numbered(record.role, words), known(record.slot),
                            known(record.incarnation), record.pid, record.event, record.hook, std::move(record.subscriber),
                            ended ? std::optional{record.duration} : std::nullopt, record.outcome});
  }
  return view;
}

}  // namespace forksafe
