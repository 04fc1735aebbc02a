// SPDX-License-Identifier: MIT
module;
#include <csignal>
#include <unistd.h>
module forksafe.audit;

import forksafe.base;
import forksafe.generation;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

constinit std::atomic<Inventory const*> before_fork{nullptr};
constinit std::atomic<Baseline const*> baseline{nullptr};
constinit std::atomic<AuditProfile const*> container{nullptr};
constinit std::atomic<std::uint64_t> audited{0};
/// The process generation in which the use of a descriptor was reported.
constinit std::array<std::atomic<std::uint64_t>, 4096> reported{};

/// The inventory after which this process was forked; null if there was none.
Inventory const* inventory_of_parent() noexcept {
  Inventory const* const inventory = before_fork.load();
  return inventory == nullptr || inventory->generation == generation() ? nullptr : inventory;
}

template <class Look>
AuditReport compare(Inventory const& inventory, Look look) {
  Baseline const nothing;
  AuditProfile const none;
  Baseline const* const start = baseline.load();
  AuditProfile const* const profile = container.load();
  return look(ForkAudit{inventory, start == nullptr ? nothing : *start, profile == nullptr ? none : *profile});
}

}  // namespace

void audit_start() {
  if (baseline.load() != nullptr) return;
  share_draws();
  // Makes the page that is wiped.
  static_cast<void>(generation());
  auto start = std::make_unique<Baseline>(Baseline{open_descriptors(), flagged_mappings(::getpid()), look_at_signals()});
  std::erase_if(start->mappings,
                [](SeenMapping const& seen) { return !seen.shared && seen.flags.find(" wf") == std::string::npos; });
  Baseline const* nothing = nullptr;
  if (baseline.compare_exchange_strong(nothing, start.get())) static_cast<void>(start.release());
}

void audit_container(AuditProfile const& profile) noexcept { container.store(&profile); }

void audit_before() noexcept {
  base::ErrnoGuard const kept_errno;
  try {
    auto inventory = std::make_unique<Inventory const>(take_inventory());
    // The caller that gets the older one is alone with it: only children read it, and those have copies.
    std::unique_ptr<Inventory const> const older{before_fork.exchange(inventory.release())};
  } catch (...) {
    // Without memory for an inventory the fork goes on without an audit.
    before_fork.exchange(nullptr);
  }
}

std::string threads_to_lose() {
  Inventory const* const inventory = before_fork.load();
  if (inventory == nullptr || inventory->generation != generation()) return {};
  std::string text;
  for (auto const& [name, count] : counted_names(inventory->threads))
    text += base::concat(text.empty() ? "" : ", ", count == 1 ? "" : base::concat(count, " of "), "'", name, "'");
  return text;
}

bool audit_due() noexcept {
  Inventory const* const inventory = before_fork.load();
  std::uint64_t const here = generation();
  return inventory != nullptr && inventory->generation != here && audited.load() != here;
}

AuditReport audit(sigset_t const* waits_with) {
  Inventory const* const inventory = inventory_of_parent();
  audited.store(generation());
  if (inventory == nullptr) return {.process = ::getpid(), .parent = ::getppid(), .findings = {}, .allowed = {}};
  base::ErrnoGuard const kept_errno;
  return compare(*inventory, [&](ForkAudit&& fork_audit) { return std::move(fork_audit).of_everything(waits_with); });
}

std::optional<Finding> audit_use(int descriptor, std::string_view call) {
  Inventory const* const inventory = inventory_of_parent();
  if (inventory == nullptr || descriptor < 0 || static_cast<std::size_t>(descriptor) >= reported.size()) return {};
  base::ErrnoGuard const kept_errno;
  AuditReport report =
      compare(*inventory, [&](ForkAudit&& fork_audit) { return std::move(fork_audit).of_descriptor(descriptor); });
  if (report.findings.empty() || report.findings.front().severity == Severity::info) return {};
  std::uint64_t const here = generation();
  if (reported[static_cast<std::size_t>(descriptor)].exchange(here) == here) return {};
  Finding& finding = report.findings.front();
  if (finding.severity != Severity::critical) finding.severity = static_cast<Severity>(static_cast<int>(finding.severity) + 1);
  finding.what = std::string{call} + " on " + finding.what;
  return std::move(finding);
}

}  // namespace forksafe
