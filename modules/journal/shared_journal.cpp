// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
module forksafe.journal;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// What begin() returns where nothing was begun: no ticket gets that far.
constexpr std::uint64_t nothing_begun = ~std::uint64_t{0};

}  // namespace

Journal::Journal(std::vector<EventHook> event_hooks, std::uint64_t (*generation)() noexcept) noexcept
    : event_hooks_(std::move(event_hooks)), generation_(generation), shared_(base::share<SharedJournal>()) {
  if (shared_) shared_->clock.compare();
}

void Journal::enter(Writer const& writer, SteadyTime now) noexcept {
  if (!shared_) return;
  shared_->clock.compare();
  if (has_entered()) {
    shared_->table.update(own_entry_, writer);
  } else {
    own_entry_ = shared_->table.take(writer, now);
    own_generation_ = generation_();
  }
  own_.process = shared_->table.number_of(own_entry_);
  own_.pid = writer.pid;
  own_.slot = writer.slot;
  own_.incarnation = writer.incarnation;
  own_.role = writer.role;
}

std::uint64_t Journal::begin(std::size_t source, std::string_view subscriber, SteadyTime now) noexcept {
  if (!has_entered()) return nothing_begun;
  RecordHeader header = own_;
  header.started = now.time_since_epoch().count();
  header.source = static_cast<std::uint8_t>(source);
  header.name(subscriber);
  return shared_->ring.write(header);
}

void Journal::end(std::uint64_t ticket, Outcome outcome, std::chrono::nanoseconds duration) noexcept {
  if (ticket != nothing_begun && has_entered()) shared_->ring.end(ticket, {outcome, duration});
}

void Journal::count(std::size_t source, bool failed, SteadyTime now) noexcept {
  if (has_entered()) shared_->table.count(own_entry_, source, failed, now);
}

bool Journal::mark_exited(pid_t process, SteadyTime now) noexcept {
  return !shared_ || shared_->table.mark_exited(process, now);
}

void Journal::expect(Writer const& child, SteadyTime now) noexcept {
  if (shared_) shared_->table.expect(child, now);
}

void Journal::excuse(Writer const& child) noexcept {
  if (shared_) shared_->table.excuse(child);
}

void Journal::miss(Writer const& child, SteadyTime now) noexcept {
  if (shared_) shared_->table.miss(child, now);
}

std::uint32_t Journal::count_startup_failure(std::uint8_t role, int slot) noexcept {
  return shared_ ? shared_->table.count_startup_failure(role, slot) : 1;
}

void Journal::reset_startup_failures(std::uint8_t role, int slot) noexcept {
  if (shared_) shared_->table.reset_startup_failures(role, slot);
}

std::vector<JournalProcess> Journal::processes() const {
  return shared_ ? shared_->table.processes() : std::vector<JournalProcess>{};
}

std::vector<JournalDeparted> Journal::departed() const {
  return shared_ ? shared_->table.departed() : std::vector<JournalDeparted>{};
}

JournalReading Journal::read() const {
  JournalReading read;
  read.departed = departed();
  read.processes = processes();
  read.page = latest();
  return read;
}

SteadyTime Journal::latest_failure() const noexcept { return shared_ ? shared_->table.latest_failure() : SteadyTime{}; }

WallTime Journal::wall_time(SteadyTime moment) const noexcept {
  SharedClock own{};
  SharedClock& clock = shared_ ? shared_->clock : own;
  clock.compare();
  return clock.wall_time(moment);
}

JournalRecord Journal::to_record(Ring::Found const& found) const {
  RecordHeader const& header = found.header;
  JournalRecord record{wall_time(to_steady_time(header.started)),
                       header.role,
                       header.slot,
                       header.incarnation,
                       header.pid,
                       {},
                       {},
                       std::string{header.name()},
                       found.result.duration,
                       found.result.outcome};
  if (header.source < event_hooks_.size()) {
    record.event = event_hooks_[header.source].event;
    record.hook = event_hooks_[header.source].hook;
  }
  if (record.outcome == Outcome::running && !shared_->table.is_running(header.process, header.pid))
    record.outcome = Outcome::died_inside;
  return record;
}

JournalPage Journal::latest(std::size_t most) const {
  JournalPage page;
  if (!shared_) return page;
  Ring::Extent const extent = shared_->ring.extent();
  page.written = extent.end;
  page.torn = extent.overrun;
  page.dropped = extent.begin - extent.overrun;
  for (std::uint64_t ticket = extent.end; ticket != extent.begin; --ticket) {
    std::optional<Ring::Found> const found = shared_->ring.read(ticket - 1);
    if (!found) {
      ++page.torn;
    } else if (page.records.size() < most) {
      page.records.push_back(to_record(*found));
    }
  }
  std::ranges::reverse(page.records);
  return page;
}

}  // namespace forksafe
