// SPDX-License-Identifier: MIT
export module forksafe.audit:kind;

import :finding;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// What it means that parent and child have it open.
struct DescriptorRule {
  DescriptorKind kind{};
  /// Nothing to tell.
  bool silent = false;
  Severity severity = Severity::info;
  std::string_view name{};
  std::string_view why{};
  std::string_view repair{};
};

DescriptorRule const& rule_of(DescriptorKind kind) noexcept;

}  // namespace forksafe
