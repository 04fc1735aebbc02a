// SPDX-License-Identifier: MIT
module;
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>
export module hazards;

export namespace hazards {

/// One thing that must not cross a fork, and what the audit has to say of it.
struct Case {
  std::string_view name;
  /// Makes it, in the parent; returns why it can't be made here, or nothing.
  std::string (*make)();
  /// `severity; hazard; beginning of what; repair`, nothing else.
  std::string_view expected;
  pid_t (*fork)() = ::fork;
};

std::span<Case const> descriptors();
std::span<Case const> memory();
std::span<Case const> objects();
std::span<Case const> signals();

}  // namespace hazards
