// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>
module forksafe.audit;

import forksafe.generation;

namespace forksafe {
namespace {

constinit std::atomic<Inventory const*> before_fork{nullptr};
constinit std::atomic<std::vector<SeenDescriptor> const*> at_start{nullptr};
constinit std::atomic<HostProfile const*> host{nullptr};
constinit std::atomic<std::uint64_t> audited{0};

}  // namespace

// In report.cpp.
AuditReport compare(Inventory const& inventory, std::vector<SeenDescriptor> const& at_start, HostProfile const& host);

void audit_start() {
  auto* const descriptors = new std::vector<SeenDescriptor>{open_descriptors()};
  std::vector<SeenDescriptor> const* nothing = nullptr;
  if (!at_start.compare_exchange_strong(nothing, descriptors)) delete descriptors;
}

void audit_host(HostProfile const& profile) noexcept { host.store(&profile); }

void audit_before() noexcept {
  int const saved_errno = errno;
  try {
    auto inventory = std::make_unique<Inventory const>(take_inventory());
    // Whoever gets the older one is alone with it: nobody reads it but children, and those have copies.
    std::unique_ptr<Inventory const> const older{before_fork.exchange(inventory.release())};
  } catch (...) {
    // Without memory for an inventory the fork goes on without an audit.
    before_fork.exchange(nullptr);
  }
  errno = saved_errno;
}

bool audit_due() noexcept {
  Inventory const* const inventory = before_fork.load();
  std::uint64_t const here = generation();
  return inventory != nullptr && inventory->generation != here && audited.load() != here;
}

AuditReport audit() {
  Inventory const* const inventory = before_fork.load();
  audited.store(generation());
  if (inventory == nullptr || inventory->generation == generation()) return {.process = ::getpid(), .parent = ::getppid()};
  int const saved_errno = errno;
  std::vector<SeenDescriptor> const* const descriptors = at_start.load();
  HostProfile const* const profile = host.load();
  AuditReport report = compare(*inventory, descriptors == nullptr ? std::vector<SeenDescriptor>{} : *descriptors,
                               profile == nullptr ? HostProfile{} : *profile);
  errno = saved_errno;
  return report;
}

}  // namespace forksafe
