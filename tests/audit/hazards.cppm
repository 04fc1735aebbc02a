// SPDX-License-Identifier: MIT
module;
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>
export module hazards;

export namespace hazards {

/// One thing that must not cross a fork, and what the audit has to report of it.
struct Case {
  std::string_view name;
  /// Makes the hazard in the parent. Returns why it cannot be made here, or an empty text.
  std::string (*make)();
  /// The only finding: `severity; hazard; beginning of what; repair`.
  std::string_view expected;
  pid_t (*fork)() = ::fork;
};

std::span<Case const> descriptors();
std::span<Case const> memory();
std::span<Case const> objects();
std::span<Case const> signals();

}  // namespace hazards
