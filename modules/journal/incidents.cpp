// SPDX-License-Identifier: MIT
module forksafe.journal;

import forksafe.std.operators;

namespace forksafe {
namespace {

bool ended_badly(JournalProcess const& process, std::vector<EventHook> const& event_hooks) {
  return !process.alive && std::ranges::none_of(process.counts, [&](JournalCount const& count) {
    return count.source < event_hooks.size() && event_hooks[count.source].meaning == Meaning::orderly_end;
  });
}

bool is_recent(SteadyTime moment, SteadyTime now) noexcept { return moment >= now - incident_age; }

void add_failed_forks(std::vector<Incident>& incidents, Journal const& journal, Writer const& writer,
                      std::vector<JournalCount> const& counts, SteadyTime now) {
  for (JournalCount const& count : counts) {
    if (count.source >= journal.event_hooks().size() || !is_recent(count.latest, now)) continue;
    EventHook const& event_hook = journal.event_hooks()[count.source];
    if (event_hook.meaning == Meaning::fork_failed)
      incidents.push_back({IncidentKind::fork_failed,
                           journal.wall_time(count.latest),
                           writer.role,
                           writer.slot,
                           writer.pid,
                           event_hook.event,
                           event_hook.hook,
                           {},
                           count.heard});
  }
}

void add_calls(std::vector<Incident>& incidents, std::vector<JournalRecord> const& records, Outcome outcome, IncidentKind kind,
               WallTime since) {
  for (JournalRecord const& record : records)
    if (record.outcome == outcome && record.time >= since)
      incidents.push_back(
          {kind, record.time, record.role, record.slot, record.pid, record.event, record.hook, record.subscriber, 1});
}

/// The processes of one slot are in the order of their births.
bool is_storm(std::vector<SteadyTime> const& births, SteadyTime now) {
  for (std::size_t last = storm_size - 1; last < births.size(); ++last)
    if (is_recent(births[last], now) && births[last] - births[last - (storm_size - 1)] <= storm_span) return true;
  return false;
}

}  // namespace

std::vector<Incident> Journal::incidents(JournalReading const& read, SteadyTime now) const {
  std::vector<Incident> incidents;
  if (!shared_) return incidents;
  for (JournalProcess const& process : read.processes) add_failed_forks(incidents, *this, process.writer, process.counts, now);
  // The ids of processes that made room are not known.
  for (JournalDeparted const& departed : read.departed)
    add_failed_forks(incidents, *this, {departed.role}, departed.counts, now);
  std::map<std::pair<std::uint8_t, int>, std::pair<std::vector<SteadyTime>, JournalProcess const*>> slots;
  for (JournalProcess const& process : read.processes) {
    // The first of a storm that is recent may have been born a little earlier.
    if (process.writer.slot == 0 || !process.writer.forked || !is_recent(process.born, now - storm_span) ||
        !ended_badly(process, event_hooks_))
      continue;
    auto& [births, latest] = slots[{process.writer.role, process.writer.slot}];
    births.push_back(process.born);
    latest = &process;
  }
  for (auto const& [slot, deaths] : slots) {
    auto const& [births, latest] = deaths;
    if (is_storm(births, now))
      incidents.push_back({IncidentKind::respawn_storm,
                           wall_time(latest->born),
                           slot.first,
                           slot.second,
                           latest->writer.pid,
                           {},
                           {},
                           {},
                           births.size()});
  }
  for (JournalMissed const& missed : shared_->table.missed(now))
    if (is_recent(missed.time, now))
      incidents.push_back({IncidentKind::never_arrived,
                           wall_time(missed.time),
                           missed.writer.role,
                           missed.writer.slot,
                           missed.writer.pid,
                           {},
                           {},
                           {},
                           1});
  WallTime const since = wall_time(now - incident_age);
  add_calls(incidents, read.page.records, Outcome::died_inside, IncidentKind::died_inside, since);
  add_calls(incidents, read.page.records, Outcome::slow, IncidentKind::slow_start, since);
  std::ranges::sort(incidents, {}, &Incident::time);
  return incidents;
}

}  // namespace forksafe
