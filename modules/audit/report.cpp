// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>
module forksafe.audit;

import forksafe.generation;

namespace forksafe {
namespace {

class Comparison {
 public:
  Comparison(Inventory const& inventory, std::vector<SeenDescriptor> const& at_start, HostProfile const& host)
      : inventory_(inventory), at_start_(at_start), host_(host) {
    report_.process = ::getpid();
    report_.parent = inventory.process;
  }

  AuditReport run() && {
    find_unannounced_fork();
    find_lost_threads();
    for (SeenDescriptor const& seen : inventory_.descriptors) examine(seen);
    for (SeenNote const& seen : inventory_.notes) examine(seen);
    find_pending_output();
    return std::move(report_);
  }

 private:
  /// The worst first, otherwise in the order of finding.
  void add(Finding finding) {
    auto const before = std::ranges::upper_bound(report_.findings, finding.severity, std::ranges::greater{}, &Finding::severity);
    report_.findings.insert(before, std::move(finding));
  }

  void find_unannounced_fork() {
    std::uint64_t const missed = unannounced_forks() - inventory_.unannounced;
    if (missed == 0) return;
    add({Severity::warning, Hazard::fork_unannounced, "fork that no handler saw",
         "by clone, _Fork or the system call itself; " + std::to_string(missed) + " since the last inventory",
         "nothing was stopped, locked or flushed before it; what repairs itself at the next use still does",
         "DropAndReopen, Reseed and NeverTouch notice it by themselves"});
  }

  [[nodiscard]] std::string lock_named(std::uintptr_t address) const {
    for (auto const& [note, holder, drawn] : inventory_.notes) {
      auto const begin = reinterpret_cast<std::uintptr_t>(note.object);
      if (address >= begin && address < begin + size_of(note.kind)) return note.text;
    }
    return {};
  }

  void find_lost_threads() {
    std::vector<std::string_view> names;
    for (SeenThread const& thread : inventory_.threads)
      if (std::ranges::find(names, thread.name) == names.end()) names.push_back(thread.name);
    for (std::string_view const name : names) add_lost_threads(name);
  }

  void add_lost_threads(std::string_view name) {
    std::size_t count = 0;
    SeenThread const* first = nullptr;
    for (SeenThread const& thread : inventory_.threads) {
      if (thread.name != name) continue;
      if (count++ == 0) first = &thread;
    }
    std::string const what = count == 1 ? "thread '" + std::string{name} + "'" : std::to_string(count) + " threads '" + std::string{name} + "'";
    for (HostThread const& known : host_.threads)
      if (name.starts_with(known.name)) return report_.allowed.push_back({what, std::string{known.reason}});
    std::string const lock = first->waits_for == 0 ? "" : lock_named(first->waits_for);
    add({Severity::error, Hazard::thread_lost, what,
         lock.empty() ? first->doing : "waits for '" + lock + "'",
         "runs in the parent only: its work is not done in the child, and the locks it held stay held",
         "StopRestart"});
  }

  [[nodiscard]] bool was_there_at_start(SeenDescriptor const& seen) const {
    return std::ranges::any_of(at_start_, [&](SeenDescriptor const& start) {
      return start.device == seen.device && start.inode == seen.inode && start.identity == seen.identity && start.link == seen.link &&
             // The kernel gives all anonymous files one inode.
             (start.number == seen.number || !seen.link.starts_with("anon_inode:"));
    });
  }

  [[nodiscard]] std::string_view noted(NoteKind kind, SeenDescriptor const& seen) const {
    for (SeenNote const& one : inventory_.notes)
      if (one.note.kind == kind && one.note.device == seen.device && one.note.inode == seen.inode &&
          one.note.identity == seen.identity && (one.note.descriptor == seen.number || !seen.link.starts_with("anon_inode:")))
        return one.note.text;
    return {};
  }

  [[nodiscard]] HostDescriptor const* host_made(SeenDescriptor const& seen, DescriptorKind kind) const {
    for (HostDescriptor const& known : host_.descriptors)
      if (known.kind == kind && seen.link.starts_with(known.path) && (seen.flags & known.flags) == known.flags) return &known;
    return nullptr;
  }

  /// Two numbers of one open file, and the two ends of one pipe, are one hazard.
  bool seen_already(SeenDescriptor const& seen, DescriptorKind kind) {
    if (seen.link.starts_with("anon_inode:")) return false;
    for (auto const& [device, inode, known] : examined_)
      if (device == seen.device && inode == seen.inode && known == kind) return true;
    examined_.push_back({seen.device, seen.inode, kind});
    return false;
  }

  void examine(SeenDescriptor const& seen) {
    if (seen.number <= 2 || !still_shared(seen, inventory_)) return;
    Classified found = classify(seen, inventory_);
    DescriptorRule const& rule = rule_of(found.kind);
    if (rule.silent || seen_already(seen, found.kind)) return;
    if (found.kind != DescriptorKind::connected_inet && was_there_at_start(seen)) return;
    std::string const what = std::string{rule.name} + ", descriptor " + std::to_string(seen.number);
    if (std::string_view const reason = noted(NoteKind::shared, seen); !reason.empty())
      return report_.allowed.push_back({what, std::string{reason}});
    if (HostDescriptor const* const known = host_made(seen, found.kind))
      return report_.allowed.push_back({what, std::string{known->reason}});
    if (std::string_view const owner = noted(NoteKind::owned, seen); !owner.empty())
      found.where_from = "of " + std::string{owner} + (found.where_from.empty() ? "" : ": ") + found.where_from;
    add({found.severity, Hazard::descriptor_shared, what, std::move(found.where_from), rule.why, rule.repair});
  }

  /// What is no longer declared may not exist any more.
  [[nodiscard]] bool still_declared(Note const& note) const {
    return std::ranges::any_of(notes_, [&](Note const& one) { return one.kind == note.kind && one.object == note.object && one.text == note.text; });
  }

  void examine(SeenNote const& seen) {
    if (!still_declared(seen.note)) return;
    switch (seen.note.kind) {
      case NoteKind::mutex:
      case NoteKind::rwlock: return examine_lock(seen);
      case NoteKind::condition: return examine_condition(seen);
      case NoteKind::generator: return examine_generator(seen);
      default: return;
    }
  }

  void examine_lock(SeenNote const& seen) {
    auto const holder = static_cast<pid_t>(holder_of(seen.note));
    if (holder == 0 || has_thread(holder)) return;
    // The thread that forked can unlock a plain mutex that it held: that is what HoldLock rests on.
    if (holder == inventory_.forking_thread && !knows_its_owner(seen.note)) return;
    bool const by_forker = holder == inventory_.forking_thread;
    add({Severity::error, Hazard::lock_orphaned, "lock '" + seen.note.text + "'",
         by_forker ? "held by the thread that forked, under its former id" : "held by thread " + std::to_string(holder) + name_of_thread(holder),
         "its holder does not exist in the child: whoever takes it waits for ever", "HoldLock"});
  }

  [[nodiscard]] std::string name_of_thread(pid_t id) const {
    for (SeenThread const& thread : inventory_.threads)
      if (thread.id == id) return " '" + thread.name + "'";
    return {};
  }

  void examine_condition(SeenNote const& seen) {
    if (seen.holder == 0 || holder_of(seen.note) < seen.holder) return;
    add({Severity::error, Hazard::lock_orphaned, "condition variable '" + seen.note.text + "'",
         std::to_string(seen.holder) + " waiting at the fork",
         "its waiters do not exist in the child: destroying it, or waiting for it again, hangs", "HoldLock"});
  }

  void examine_generator(SeenNote const& seen) {
    std::array<std::byte, 16> drawn{};
    bool same = false;
    if (seen.note.draw != nullptr) {
      seen.note.draw(seen.note.object, drawn);
      same = drawn == seen.drawn;
    }
    bool const stale = seen.note.seeded_in != nullptr && seen.note.seeded_in(seen.note.object) != generation();
    if (!same && !stale) return;
    add({Severity::error, Hazard::random_duplicated, "generator '" + seen.note.text + "'",
         same ? "its next 16 bytes are those that the parent draws" : "seeded before the fork",
         "all processes draw the same numbers: tokens, keys and identities are no longer unique", "Reseed"});
  }

  void find_pending_output() {
    for (SeenStream const& stream : inventory_.streams)
      if (stream.pending != 0)
        add({Severity::warning, Hazard::output_duplicated, "stream '" + stream.name + "'",
             std::to_string(stream.pending) + " bytes in its buffer at the fork",
             "each process writes them once more", "PreForkOnly"});
  }

  struct Examined {
    dev_t device;
    ino_t inode;
    DescriptorKind kind;
  };

  Inventory const& inventory_;
  std::vector<SeenDescriptor> const& at_start_;
  HostProfile const& host_;
  std::vector<Note> const notes_ = notes();
  std::vector<Examined> examined_{};
  AuditReport report_{};
};

}  // namespace

AuditReport compare(Inventory const& inventory, std::vector<SeenDescriptor> const& at_start, HostProfile const& host) {
  return Comparison{inventory, at_start, host}.run();
}

}  // namespace forksafe
