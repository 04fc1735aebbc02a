// SPDX-License-Identifier: MIT
module;
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
module forksafe.journal;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

bool is_in_use(pid_t process) noexcept {
  base::ErrnoGuard const kept_errno;
  return process > 0 && (::kill(process, 0) == 0 || errno != ESRCH);
}

/// The 22nd field of the kernel's line about a process, counted after its name, which may hold anything; 0 if there is none.
std::uint64_t start_in(std::string_view line) noexcept {
  line.remove_prefix(std::min(line.size(), line.rfind(')') + 1));
  for (int field = 2; field != 22 && !line.empty(); ++field) line.remove_prefix(std::min(line.size(), line.find(' ') + 1));
  std::uint64_t start = 0;
  std::from_chars(line.data(), line.data() + line.size(), start);
  return start;
}

/// Returns the time in the unit and by the clock of read_start_time.
std::uint64_t ticks_since_boot() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  auto const ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return static_cast<std::uint64_t>(time.tv_sec) * ticks + static_cast<std::uint64_t>(time.tv_nsec) * ticks / 1'000'000'000;
}

/// Returns when the kernel started the process, by its clock; 0 where it does not say.
std::uint64_t read_start_time(pid_t process) noexcept {
  base::ErrnoGuard const kept_errno;
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", process);
  std::array<char, 1024> line{};
  int const file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  ssize_t const size = file < 0 ? 0 : ::read(file, line.data(), line.size());
  if (file >= 0) ::close(file);
  return size <= 0 ? 0 : start_in({line.data(), static_cast<std::size_t>(size)});
}

/// Keeps the later moment.
void keep_latest(std::atomic<SteadyTime::rep>& latest, SteadyTime::rep moment) noexcept {
  SteadyTime::rep seen = latest.load(std::memory_order_relaxed);
  while (seen < moment && !latest.compare_exchange_weak(seen, moment, std::memory_order_relaxed)) {}
}

/// A word of startup_failures_: the number of failures in its low bits.
constexpr int failures_bits = 24;
constexpr std::uint64_t failures_mask = (std::uint64_t{1} << failures_bits) - 1;
constexpr std::uint64_t slot_key(std::uint8_t role, int slot) noexcept {
  return (std::uint64_t{role} << 32 | static_cast<std::uint32_t>(slot)) << failures_bits;
}

}  // namespace

/// A process that has started after the entry was taken is a later one with its id. Where the start is not known, an id that is
/// in use is believed: a living worker is not shown as dead.
bool ProcessTable::is_alive(Entry const& entry) noexcept {
  pid_t const process = entry.pid.load();
  if (entry.gone.load() != 0 || !is_in_use(process)) return false;
  std::uint64_t const taken = entry.taken.load();
  return taken == 0 || read_start_time(process) <= taken;
}

std::size_t ProcessTable::take(Writer const& writer, SteadyTime now) noexcept {
  std::uint32_t const number = last_number_.fetch_add(1) + 1;
  for (;;) {
    std::uint32_t seen = 0;
    std::size_t oldest = 0;
    while (oldest != entry_limit && entries_[oldest].number.load() != 0) ++oldest;
    // To ask of each process whether it lives takes system calls, which each fork would wait for.
    if (oldest == entry_limit) {
      for (std::size_t index = 0; index != entry_limit; ++index) {
        std::uint32_t const taken = entries_[index].number.load();
        if ((oldest != entry_limit && taken >= seen) || is_alive(entries_[index])) continue;
        oldest = index;
        seen = taken;
      }
    }
    if (oldest == entry_limit) return entry_limit;
    Entry& entry = entries_[oldest];
    if (!entry.number.compare_exchange_strong(seen, number)) continue;
    if (seen != 0) keep_counts(entry);
    entry.pid = 0;
    entry.gone = 0;
    entry.left = 0;
    for (Counter& counter : entry.counters) {
      counter.heard = 0;
      counter.failed = 0;
      counter.latest = 0;
      counter.latest_failed = 0;
    }
    entry.taken = ticks_since_boot();
    entry.born = now.time_since_epoch().count();
    update(oldest, writer);
    entry.pid = writer.pid;
    return oldest;
  }
}

void ProcessTable::update(std::size_t index, Writer const& writer) noexcept {
  if (index == entry_limit) return;
  Entry& entry = entries_[index];
  entry.parent.store(writer.parent, std::memory_order_relaxed);
  entry.role.store(writer.role, std::memory_order_relaxed);
  entry.slot.store(writer.slot, std::memory_order_relaxed);
  entry.incarnation.store(writer.incarnation, std::memory_order_relaxed);
  entry.forked.store(writer.forked ? 1 : 0, std::memory_order_relaxed);
}

void ProcessTable::count(std::size_t index, std::size_t source, bool failed, SteadyTime now) noexcept {
  if (index == entry_limit) return;
  Counter& counter = entries_[index].counters[source];
  counter.heard.fetch_add(1, std::memory_order_relaxed);
  counter.latest.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  if (!failed) return;
  counter.failed.fetch_add(1, std::memory_order_relaxed);
  counter.latest_failed.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

bool ProcessTable::mark_exited(pid_t process, SteadyTime now) noexcept {
  bool found = process <= 0;
  for (Entry& entry : entries_) {
    if (entry.pid.load() != process) continue;
    found = true;
    if (entry.gone.load() != 0) continue;
    entry.left = now.time_since_epoch().count();
    entry.gone = 1;
  }
  return found;
}

bool ProcessTable::is_same(Expected const& expected, Writer const& child) noexcept {
  pid_t const process = expected.pid.load();
  if (process > 0) return process == child.pid;
  int const incarnation = expected.incarnation.load();
  return expected.slot.load() == child.slot && expected.role.load() == child.role &&
         (incarnation == child.incarnation || incarnation == 0 || child.incarnation == 0);
}

void ProcessTable::remember(Writer const& child, bool gone, SteadyTime now) noexcept {
  Expected& expected = expected_[expected_count_.fetch_add(1) % expected_limit];
  expected.taken = 0;
  expected.pid = child.pid;
  expected.slot = child.slot;
  expected.incarnation = child.incarnation;
  expected.role = child.role;
  expected.gone = gone ? 1 : 0;
  expected.time = now.time_since_epoch().count();
  expected.taken = 1;
}

void ProcessTable::expect(Writer const& child, SteadyTime now) noexcept { remember(child, false, now); }

void ProcessTable::miss(Writer const& child, SteadyTime now) noexcept {
  excuse(child);
  remember(child, true, now);
}

void ProcessTable::excuse(Writer const& child) noexcept {
  for (Expected& expected : expected_)
    if (is_same(expected, child)) expected.taken = 0;
}

/// A child may enter before its parent tells of it, but not long before. Its id may have been another process's earlier.
bool ProcessTable::has_arrived(Expected const& expected) const noexcept {
  SteadyTime const earliest = to_steady_time(expected.time.load()) - arrival_limit;
  return std::ranges::any_of(entries_, [&](Entry const& entry) {
    return to_steady_time(entry.born.load()) >= earliest &&
           is_same(expected, {entry.role, entry.pid, 0, entry.slot, entry.incarnation, true});
  });
}

void ProcessTable::keep_counts(Entry const& entry) noexcept {
  Departed& departed = departed_[entry.role.load() % role_limit];
  departed.processes.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t source = 0; source != source_limit; ++source) {
    departed.heard[source].fetch_add(entry.counters[source].heard.load(), std::memory_order_relaxed);
    departed.failed[source].fetch_add(entry.counters[source].failed.load(), std::memory_order_relaxed);
    keep_latest(departed.latest[source], entry.counters[source].latest.load());
    keep_latest(departed.latest_failed[source], entry.counters[source].latest_failed.load());
  }
}

std::uint32_t ProcessTable::count_startup_failure(std::uint8_t role, int slot) noexcept {
  std::uint64_t const key = slot_key(role, slot);
  for (std::atomic<std::uint64_t>& word : startup_failures_) {
    std::uint64_t seen = word.load();
    while (seen != 0 && (seen & ~failures_mask) == key) {
      std::uint64_t const failures = std::min((seen & failures_mask) + 1, failures_mask);
      if (word.compare_exchange_weak(seen, key | failures)) return static_cast<std::uint32_t>(failures);
    }
  }
  for (std::atomic<std::uint64_t>& word : startup_failures_)
    if (std::uint64_t free = 0; word.compare_exchange_strong(free, key | 1)) break;
  return 1;
}

void ProcessTable::reset_startup_failures(std::uint8_t role, int slot) noexcept {
  std::uint64_t const key = slot_key(role, slot);
  for (std::atomic<std::uint64_t>& word : startup_failures_) {
    std::uint64_t seen = word.load();
    while (seen != 0 && (seen & ~failures_mask) == key && !word.compare_exchange_weak(seen, 0)) {}
  }
}

std::uint32_t ProcessTable::number_of(std::size_t index) const noexcept {
  return index == entry_limit ? 0 : entries_[index].number.load(std::memory_order_relaxed);
}

bool ProcessTable::is_running(std::uint32_t number, pid_t process) const noexcept {
  if (number == 0) return is_in_use(process);
  for (Entry const& entry : entries_)
    if (entry.number.load() == number) return is_alive(entry);
  // Only the dead give up their entries.
  return false;
}

std::vector<JournalProcess> ProcessTable::processes() const {
  std::vector<std::pair<std::uint32_t, JournalProcess>> found;
  for (Entry const& entry : entries_) {
    std::uint32_t const number = entry.number.load();
    Writer const writer{entry.role, entry.pid, entry.parent, entry.slot, entry.incarnation, entry.forked.load() != 0};
    if (number == 0 || writer.pid <= 0) continue;
    JournalProcess process{writer, to_steady_time(entry.born.load()), to_steady_time(entry.left.load()), is_alive(entry), {}};
    for (std::size_t source = 0; source != source_limit; ++source) {
      Counter const& counter = entry.counters[source];
      if (counter.heard.load() != 0)
        process.counts.push_back(
            {source, counter.heard, counter.failed, to_steady_time(counter.latest), to_steady_time(counter.latest_failed)});
    }
    found.emplace_back(number, std::move(process));
  }
  std::ranges::sort(found, {}, &std::pair<std::uint32_t, JournalProcess>::first);
  std::vector<JournalProcess> processes;
  for (auto& [number, process] : found) processes.push_back(std::move(process));
  return processes;
}

std::vector<JournalDeparted> ProcessTable::departed() const {
  std::vector<JournalDeparted> rows;
  for (std::size_t role = 0; role != role_limit; ++role) {
    Departed const& departed = departed_[role];
    if (departed.processes.load() == 0) continue;
    JournalDeparted row{static_cast<std::uint8_t>(role), departed.processes, {}};
    for (std::size_t source = 0; source != source_limit; ++source)
      if (departed.heard[source].load() != 0)
        row.counts.push_back({source, departed.heard[source], departed.failed[source], to_steady_time(departed.latest[source]),
                              to_steady_time(departed.latest_failed[source])});
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<JournalMissed> ProcessTable::missed(SteadyTime now) const {
  std::vector<JournalMissed> rows;
  for (Expected const& expected : expected_) {
    SteadyTime const time = to_steady_time(expected.time.load());
    if (expected.taken.load() == 0) continue;
    if (expected.gone.load() != 0 || (now - time > arrival_limit && !has_arrived(expected)))
      rows.push_back({{expected.role, expected.pid, 0, expected.slot, 0, true}, time});
  }
  return rows;
}

SteadyTime ProcessTable::latest_failure() const noexcept {
  SteadyTime::rep latest = 0;
  for (Entry const& entry : entries_)
    if (entry.number.load() != 0)
      for (Counter const& counter : entry.counters) latest = std::max(latest, counter.latest_failed.load());
  for (Departed const& departed : departed_)
    if (departed.processes.load() != 0)
      for (auto const& moment : departed.latest_failed) latest = std::max(latest, moment.load());
  return to_steady_time(latest);
}

}  // namespace forksafe
