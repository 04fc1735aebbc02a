// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <sys/types.h>
#include <utility>
#include <vector>
module forksafe.journal;

namespace forksafe {
namespace {

bool is_in_use(pid_t process) noexcept {
  int const saved_errno = errno;
  bool const used = process > 0 && (::kill(process, 0) == 0 || errno != ESRCH);
  errno = saved_errno;
  return used;
}

}  // namespace

bool Directory::is_alive(Entry const& entry) noexcept { return !entry.gone.load() && is_in_use(entry.pid.load()); }

std::size_t Directory::take(Writer const& writer, Moment now) noexcept {
  std::uint32_t const number = last_number_.fetch_add(1) + 1;
  for (;;) {
    std::size_t oldest = entry_limit;
    std::uint32_t seen = 0;
    for (std::size_t index = 0; index != entry_limit; ++index) {
      std::uint32_t const taken = entries_[index].number.load();
      if (taken != 0 && ((oldest != entry_limit && taken >= seen) || is_alive(entries_[index]))) continue;
      oldest = index;
      seen = taken;
      if (taken == 0) break;
    }
    if (oldest == entry_limit) return entry_limit;
    Entry& entry = entries_[oldest];
    if (!entry.number.compare_exchange_strong(seen, number)) continue;
    if (seen != 0) keep_counts(entry);
    entry.pid = 0;
    entry.gone = false;
    entry.left = 0;
    for (Counter& counter : entry.counters) {
      counter.heard = 0;
      counter.failed = 0;
    }
    entry.born = now.time_since_epoch().count();
    update(oldest, writer);
    entry.pid = writer.pid;
    return oldest;
  }
}

void Directory::update(std::size_t index, Writer const& writer) noexcept {
  if (index == entry_limit) return;
  Entry& entry = entries_[index];
  entry.parent.store(writer.parent, std::memory_order_relaxed);
  entry.role.store(writer.role, std::memory_order_relaxed);
  entry.slot.store(writer.slot, std::memory_order_relaxed);
  entry.incarnation.store(writer.incarnation, std::memory_order_relaxed);
  entry.forked.store(writer.forked, std::memory_order_relaxed);
}

void Directory::count(std::size_t index, std::size_t source, bool failed) noexcept {
  if (index == entry_limit) return;
  Counter& counter = entries_[index].counters[source];
  counter.heard.fetch_add(1, std::memory_order_relaxed);
  if (failed) counter.failed.fetch_add(1, std::memory_order_relaxed);
}

void Directory::leave(pid_t process, Moment now) noexcept {
  if (process <= 0) return;
  for (Entry& entry : entries_) {
    if (entry.pid.load() != process || entry.gone.load()) continue;
    entry.left = now.time_since_epoch().count();
    entry.gone = true;
  }
}

void Directory::keep_counts(Entry const& entry) noexcept {
  Departed& departed = departed_[entry.role.load() % role_limit];
  departed.processes.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t source = 0; source != source_limit; ++source) {
    departed.heard[source].fetch_add(entry.counters[source].heard.load(), std::memory_order_relaxed);
    departed.failed[source].fetch_add(entry.counters[source].failed.load(), std::memory_order_relaxed);
  }
}

std::atomic<std::uint32_t>& Directory::strikes_of(int slot) noexcept {
  return strikes_[static_cast<std::size_t>(slot) % slot_limit];
}

std::uint32_t Directory::strike(int slot) noexcept { return strikes_of(slot).fetch_add(1) + 1; }

void Directory::absolve(int slot) noexcept { strikes_of(slot) = 0; }

std::uint32_t Directory::number_of(std::size_t index) const noexcept {
  return index == entry_limit ? 0 : entries_[index].number.load(std::memory_order_relaxed);
}

bool Directory::is_running(std::uint32_t number, pid_t process) const noexcept {
  if (number == 0) return is_in_use(process);
  for (Entry const& entry : entries_)
    if (entry.number.load() == number) return is_alive(entry);
  // Only the dead give up their entries.
  return false;
}

std::vector<JournalProcess> Directory::processes() const {
  std::vector<std::pair<std::uint32_t, JournalProcess>> found;
  for (Entry const& entry : entries_) {
    std::uint32_t const number = entry.number.load();
    Writer const writer{entry.role, entry.pid, entry.parent, entry.slot, entry.incarnation, entry.forked};
    if (number == 0 || writer.pid <= 0) continue;
    JournalProcess process{writer, Moment{Moment::duration{entry.born.load()}},
                           Moment{Moment::duration{entry.left.load()}}, is_alive(entry), {}};
    for (std::size_t source = 0; source != source_limit; ++source) {
      Counter const& counter = entry.counters[source];
      if (counter.heard.load() != 0) process.counts.push_back({source, counter.heard, counter.failed});
    }
    found.emplace_back(number, std::move(process));
  }
  std::ranges::sort(found, {}, &std::pair<std::uint32_t, JournalProcess>::first);
  std::vector<JournalProcess> processes;
  for (auto& [number, process] : found) processes.push_back(std::move(process));
  return processes;
}

std::vector<JournalDeparted> Directory::departed() const {
  std::vector<JournalDeparted> rows;
  for (std::size_t role = 0; role != role_limit; ++role) {
    Departed const& departed = departed_[role];
    if (departed.processes.load() == 0) continue;
    JournalDeparted row{static_cast<std::uint8_t>(role), departed.processes, {}};
    for (std::size_t source = 0; source != source_limit; ++source)
      if (departed.heard[source].load() != 0) row.counts.push_back({source, departed.heard[source], departed.failed[source]});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace forksafe
