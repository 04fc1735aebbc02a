// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>
module forksafe.journal;

namespace forksafe {
namespace {

bool ended_badly(JournalProcess const& process, std::vector<JournalSource> const& sources) {
  return !process.alive && std::ranges::none_of(process.counts, [&](JournalCount const& count) {
    return count.source < sources.size() && sources[count.source].meaning == Meaning::orderly_end;
  });
}

void add_failed_forks(std::vector<Incident>& incidents, std::vector<JournalProcess> const& processes,
                      std::vector<JournalSource> const& sources, std::vector<JournalRecord> const& records) {
  for (JournalProcess const& process : processes) {
    for (JournalCount const& count : process.counts) {
      if (count.source >= sources.size() || sources[count.source].meaning != Meaning::fork_failed) continue;
      JournalSource const& source = sources[count.source];
      Incident incident{IncidentKind::fork_failed, {}, process.writer.role, process.writer.slot, process.writer.pid,
                        source.event, source.hook, {}, count.heard};
      for (JournalRecord const& record : records)
        if (record.pid == incident.pid && record.event == source.event && record.hook == source.hook)
          incident.time = record.time;
      incidents.push_back(std::move(incident));
    }
  }
}

void add_calls(std::vector<Incident>& incidents, std::vector<JournalRecord> const& records, Outcome outcome,
               IncidentKind kind) {
  for (JournalRecord const& record : records)
    if (record.outcome == outcome)
      incidents.push_back({kind, record.time, record.role, record.slot, record.pid, record.event, record.hook,
                           record.subscriber, 1});
}

/// The processes of one slot are in the order of their births.
bool is_storm(std::vector<Moment> const& births) {
  for (std::size_t last = storm_size - 1; last < births.size(); ++last)
    if (births[last] - births[last - (storm_size - 1)] <= storm_span) return true;
  return false;
}

}  // namespace

std::vector<Incident> Journal::incidents() const {
  std::vector<Incident> incidents;
  if (shared_ == nullptr) return incidents;
  std::vector<JournalProcess> const processes = this->processes();
  std::vector<JournalRecord> const records = latest().records;
  add_failed_forks(incidents, processes, sources_, records);
  std::map<std::pair<std::uint8_t, int>, std::pair<std::vector<Moment>, JournalProcess const*>> slots;
  for (JournalProcess const& process : processes) {
    if (process.writer.slot == 0 || !process.writer.forked || !ended_badly(process, sources_)) continue;
    auto& [births, latest] = slots[{process.writer.role, process.writer.slot}];
    births.push_back(process.born);
    latest = &process;
  }
  for (auto const& [slot, deaths] : slots) {
    auto const& [births, latest] = deaths;
    if (is_storm(births))
      incidents.push_back({IncidentKind::respawn_storm, wall_time(latest->born), slot.first, slot.second,
                           latest->writer.pid, {}, {}, {}, births.size()});
  }
  add_calls(incidents, records, Outcome::died_inside, IncidentKind::died_inside);
  add_calls(incidents, records, Outcome::slow, IncidentKind::slow_start);
  std::ranges::sort(incidents, {}, &Incident::time);
  return incidents;
}

}  // namespace forksafe
