// SPDX-License-Identifier: MIT
module;
#include <sys/stat.h>
module forksafe.audit;

import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// The kernel gives all anonymous files one inode.
bool is_anonymous(SeenDescriptor const& seen) noexcept { return seen.link.starts_with("anon_inode:"); }

std::string_view reason_of_user(SeenDescriptor const& seen, Classified const& found, std::string_view owner) {
  AllowedThing const by_name = S_ISSOCK(seen.mode) ? AllowedThing::socket : AllowedThing::path;
  for (std::string_view const text : {std::string_view{found.own}, std::string_view{found.peer}, std::string_view{seen.link}})
    if (std::string_view const reason = reason_to_allow(by_name, text); !reason.empty()) return reason;
  if (owner.empty()) return {};
  return reason_to_allow(AllowedThing::owner, std::string{rule_of(found.kind).name} + " of " + std::string{owner});
}

}  // namespace

bool ForkAudit::is_in_baseline(SeenDescriptor const& seen) const {
  return std::ranges::any_of(baseline_.descriptors, [&](SeenDescriptor const& start) {
    // What was declared since then has been marked.
    bool const same = start.identity == seen.identity || (start.identity == 0 && can_be_marked(seen.link));
    return start.device == seen.device && start.inode == seen.inode && same && start.link == seen.link &&
           (start.number == seen.number || !is_anonymous(seen));
  });
}

std::string_view ForkAudit::declared_as(DeclarationKind kind, SeenDescriptor const& seen) const {
  for (SeenDeclaration const& one : inventory_.declarations)
    if (one.declaration.kind == kind && one.declaration.device == seen.device && one.declaration.inode == seen.inode &&
        one.declaration.identity == seen.identity && (one.declaration.descriptor == seen.number || !is_anonymous(seen)))
      return one.declaration.text;
  return {};
}

std::string_view ForkAudit::reason_of_container(DescriptorKind kind, std::string_view path, int flags) const {
  for (ContainerDescriptor const& known : container_.descriptors)
    if (known.kind == kind && path.starts_with(known.path) && (flags & known.flags) == known.flags) return known.reason;
  return {};
}

bool ForkAudit::seen_already(dev_t device, ino_t inode, DescriptorKind kind) {
  for (Examined const& known : examined_)
    if (known.device == device && known.inode == inode && known.kind == kind) return true;
  examined_.push_back({device, inode, kind});
  return false;
}

void ForkAudit::examine(SeenDescriptor const& seen) {
  if (seen.number <= 2 || !still_shared(seen, inventory_)) return;
  Classified found = classify(seen, inventory_);
  DescriptorRule const& rule = rule_of(found.kind);
  if (rule.silent || (!is_anonymous(seen) && seen_already(seen.device, seen.inode, found.kind))) return;
  if (found.kind != DescriptorKind::connected_inet && is_in_baseline(seen)) return;
  std::string const what = base::concat(rule.name, ", descriptor ", seen.number);
  std::string const owner{declared_as(DeclarationKind::owned, seen)};
  for (std::string_view const reason :
       {declared_as(DeclarationKind::shared, seen), reason_of_container(found.kind, seen.link, seen.flags),
        reason_of_user(seen, found, owner)})
    if (!reason.empty()) return allow(what, reason);
  if (found.kind == DescriptorKind::connected_inet || found.kind == DescriptorKind::connected_local)
    shared_connections_.push_back(seen.number);
  if (!owner.empty()) found.where_from = "of " + owner + (found.where_from.empty() ? "" : ": ") + found.where_from;
  add({found.severity, Hazard::descriptor_shared, what, std::move(found.where_from), rule.why, rule.repair});
}

}  // namespace forksafe
