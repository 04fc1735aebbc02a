// SPDX-License-Identifier: MIT
module;
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

using enum DescriptorKind;

/// The kernel's name of memory that was mapped with MAP_SHARED | MAP_ANONYMOUS.
constexpr std::string_view unnamed = "/dev/zero (deleted)";
constexpr std::string_view wiped = " wf", not_copied = " dc";

struct Memory {
  DescriptorKind kind{};
  std::string_view name{};
};

std::optional<Memory> memory_behind(SeenMapping const& seen) {
  std::string_view const path = seen.path;
  for (std::string_view const known : {"/memfd:", "/dev/shm/", "/SYSV"})
    if (path.starts_with(known)) return Memory{memory, "mapped memory file"};
  if (path == "anon_inode:[io_uring]") return Memory{ring, "mapped io_uring"};
  if (path.starts_with("anon_inode:")) return Memory{watcher, "mapped kernel event source"};
  if (is_exclusive_device(path)) return Memory{exclusive_device, "mapped device"};
  if (path.starts_with("/dev/")) return Memory{other_device, "mapped device"};
  if (!seen.writable) return {};
  return is_of_database(path) ? Memory{locked_database, "mapped file of a database"} : Memory{memory, "mapped file"};
}

bool is_among(std::vector<SeenMapping> const& mappings, SeenMapping const& wanted) {
  return std::ranges::any_of(mappings, [&](SeenMapping const& one) { return one.is(wanted); });
}

std::string size_of(std::uintptr_t bytes) { return base::concat(bytes / 1024, " KiB"); }

}  // namespace

void ForkAudit::find_shared_memory() {
  std::vector<SeenMapping> const own = flagged_mappings(::getpid());
  for (SeenMapping const& seen : inventory_.mappings)
    if (seen.path != unnamed && is_among(own, seen) && !is_among(baseline_.mappings, seen)) examine(seen);
  report_unnamed_memory(own);
  report_kept_memory(own);
}

void ForkAudit::examine(SeenMapping const& seen) {
  auto const found = memory_behind(seen);
  // A finding about its descriptor tells all.
  if (!found || std::ranges::any_of(inventory_.descriptors, [&](SeenDescriptor const& one) {
        return one.link == seen.path && still_shared(one, inventory_);
      }))
    return;
  if (seen_already({}, seen.inode, found->kind)) return;
  DescriptorRule const& rule = rule_of(found->kind);
  std::string const what = base::concat(found->name, ", ", size_of(seen.end - seen.begin));
  for (std::string_view const reason :
       {reason_of_container(found->kind, seen.path, 0), reason_to_allow(AllowedThing::path, seen.path)})
    if (!reason.empty()) return allow(what, reason);
  add({rule.severity, Hazard::memory_shared, what, seen.path, rule.why, rule.repair});
}

void ForkAudit::report_unnamed_memory(std::vector<SeenMapping> const& own) {
  std::size_t count = 0;
  std::uintptr_t bytes = 0;
  for (SeenMapping const& seen : inventory_.mappings) {
    if (seen.path != unnamed || holds_draws(seen) || is_among(baseline_.mappings, seen) || !is_among(own, seen)) continue;
    ++count;
    bytes += seen.end - seen.begin;
  }
  if (count == 0) return;
  allow(base::concat(count, count == 1 ? " mapping" : " mappings", " of shared memory without a name, ", size_of(bytes)),
        "made to be shared with children: nobody else can have it");
}

void ForkAudit::report_kept_memory(std::vector<SeenMapping> const& own) {
  std::uintptr_t empty = 0, missing = 0;
  for (SeenMapping const& seen : own)
    if (seen.flags.find(wiped) != std::string::npos && !is_among(baseline_.mappings, seen)) empty += seen.end - seen.begin;
  // If the parent is gone, the number may be another process's.
  if (!own.empty() && ::getppid() == inventory_.process)
    for (SeenMapping const& seen : flagged_mappings(inventory_.process))
      if (seen.flags.find(not_copied) != std::string::npos &&
          std::ranges::find(own, seen.begin, &SeenMapping::begin) == own.end())
        missing += seen.end - seen.begin;
  if (empty != 0)
    allow("memory that a child finds empty, " + size_of(empty), "MADV_WIPEONFORK: whoever asked for it knows of forks");
  if (missing != 0)
    allow("memory that a child does not have, " + size_of(missing), "MADV_DONTFORK: whoever asked for it knows of forks");
}

void ForkAudit::report_cost() {
  if (::getppid() == inventory_.process) report_.cost = cost_of_fork(inventory_.process);
}

}  // namespace forksafe
