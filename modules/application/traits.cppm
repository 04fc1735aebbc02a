// SPDX-License-Identifier: MIT
module;
#include <span>
#include <string_view>
export module forksafe:traits;

import :report;
import :policy;
import :subscriber;
import forksafe.audit;

export namespace forksafe {

/// What is constant for an application: its report, its policy's wiring and its choices.
struct ApplicationTraits {
  Report const* report;
  std::span<Wire const> wiring;
  std::string_view container;
  Failure on_failure;
  /// With which status a worker leaves so that its container replaces it.
  int replace_status;
  /// What the debug object has always put behind the container's name of a hook.
  std::string_view hook_suffix;
  /// What the container itself keeps open, nullptr if nobody has said.
  HostProfile const* host = nullptr;
};

}  // namespace forksafe
