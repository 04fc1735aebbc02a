// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>
module forksafe;

namespace forksafe {

namespace {
constexpr std::size_t entry_limit = 512;
constexpr std::size_t slot_limit = 256;
constexpr int unknown_number = 0;

struct Counter {
  std::atomic<std::uint32_t> heard;
  std::atomic<std::uint32_t> failed;
};
}  // namespace

struct SharedEntry {
  std::atomic<std::uint64_t> sequence;
  std::atomic<pid_t> pid;
  std::atomic<pid_t> parent;
  std::atomic<Role> role;
  std::atomic<int> slot;
  std::atomic<int> incarnation;
  std::atomic<bool> forked;
  std::atomic<bool> gone;
  Counter counters[wire_limit];
};

struct SharedTable {
  std::atomic<std::uint64_t> last_sequence;
  std::atomic<std::uint32_t> strikes[slot_limit];
  SharedEntry entries[entry_limit];
};

namespace {

bool is_alive(SharedEntry const& entry) noexcept {
  int const saved_errno = errno;
  pid_t const process = entry.pid.load();
  bool const alive = process > 0 && !entry.gone.load() && (::kill(process, 0) == 0 || errno != ESRCH);
  errno = saved_errno;
  return alive;
}

/// Takes an entry that nobody uses: a fresh one, or else that of the process that is dead the longest.
SharedEntry* take_entry(SharedTable& table, std::uint64_t sequence) noexcept {
  for (;;) {
    SharedEntry* oldest = nullptr;
    std::uint64_t seen = 0;
    for (SharedEntry& entry : table.entries) {
      std::uint64_t const taken = entry.sequence.load();
      if (taken != 0 && is_alive(entry)) continue;
      if (oldest != nullptr && taken >= seen) continue;
      oldest = &entry;
      seen = taken;
      if (taken == 0) break;
    }
    if (oldest == nullptr) return nullptr;
    if (oldest->sequence.compare_exchange_strong(seen, sequence)) return oldest;
  }
}

}  // namespace

ProcessTable::ProcessTable(std::span<Wire const> wiring) noexcept : wiring_(wiring) {
  void* const memory =
      ::mmap(nullptr, sizeof(SharedTable), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory != MAP_FAILED) shared_ = new (memory) SharedTable;
}

void ProcessTable::enter(Process const& process, bool forked) noexcept {
  if (shared_ == nullptr) return;
  if (own_generation_ != generation()) {
    own_generation_ = generation();
    SharedEntry* const taken = take_entry(*shared_, shared_->last_sequence.fetch_add(1) + 1);
    own_ = taken == nullptr ? entry_limit : static_cast<std::size_t>(taken - shared_->entries);
    if (taken == nullptr) return;
    taken->gone = false;
    for (Counter& counter : taken->counters) {
      counter.heard = 0;
      counter.failed = 0;
    }
    taken->pid = process.pid;
  }
  if (own_ == entry_limit) return;
  SharedEntry& entry = shared_->entries[own_];
  entry.parent = process.parent;
  entry.role = process.role;
  entry.slot = process.slot.value_or(unknown_number);
  entry.incarnation = process.incarnation.value_or(unknown_number);
  entry.forked = forked;
}

void ProcessTable::count(std::size_t row, bool failed) noexcept {
  if (shared_ == nullptr || own_ == entry_limit || own_generation_ != generation()) return;
  Counter& counter = shared_->entries[own_].counters[row];
  counter.heard.fetch_add(1, std::memory_order_relaxed);
  if (failed) counter.failed.fetch_add(1, std::memory_order_relaxed);
}

void ProcessTable::leave(pid_t process) noexcept {
  if (shared_ == nullptr || process <= 0) return;
  for (SharedEntry& entry : shared_->entries)
    if (entry.pid.load() == process) entry.gone = true;
}

std::uint32_t ProcessTable::strike(int slot) noexcept {
  if (shared_ == nullptr) return 1;
  return shared_->strikes[static_cast<std::size_t>(slot) % slot_limit].fetch_add(1) + 1;
}

void ProcessTable::absolve(int slot) noexcept {
  if (shared_ != nullptr) shared_->strikes[static_cast<std::size_t>(slot) % slot_limit] = 0;
}

std::vector<ProcessRow> ProcessTable::rows() const {
  std::vector<ProcessRow> rows;
  if (shared_ == nullptr) return rows;
  std::vector<SharedEntry const*> entries;
  for (SharedEntry const& entry : shared_->entries)
    if (entry.sequence.load() != 0 && entry.pid.load() > 0) entries.push_back(&entry);
  std::ranges::sort(entries, {}, [](SharedEntry const* entry) { return entry->sequence.load(); });
  auto const known = [](int number) { return number == unknown_number ? std::optional<int>{} : number; };
  for (SharedEntry const* const entry : entries) {
    ProcessRow row{name_of(entry->role), known(entry->slot), known(entry->incarnation), entry->pid,
                   entry->parent,        entry->forked,      is_alive(*entry),          {}};
    for (std::size_t wire = 0; wire != wiring_.size(); ++wire) {
      Counter const& counter = entry->counters[wire];
      if (counter.heard.load() == 0) continue;
      row.events.push_back({event_names[wiring_[wire].event], wiring_[wire].hook, counter.heard, counter.failed});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace forksafe
