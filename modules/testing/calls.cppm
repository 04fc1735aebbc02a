// SPDX-License-Identifier: MIT
module;
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>
export module forksafe.testing:calls;

import forksafe;

export namespace forksafe::testing {

/// One call of a subscriber, in whichever process; an event without a subscriber is a call of the subscriber ''.
struct Call {
  std::string event{};
  std::string hook{};
  std::string subscriber{};
  Outcome outcome{};
  pid_t pid = 0;
  /// 0 for none.
  int slot = 0;

  bool operator==(Call const&) const = default;
};

/// Returns all calls since the application was made, oldest first: those of the master and of every process that it forked.
/// Throws std::length_error if there were more than the journal keeps.
[[nodiscard]] std::vector<Call> calls(Application const& application);
/// Returns the calls of one process. Throws the same: the oldest of them may be missing.
[[nodiscard]] std::vector<Call> calls(Application const& application, pid_t process);

/// Returns `Orders heard ApplicationPostFork` and the like, a line each, for comparisons that people read.
[[nodiscard]] std::string to_text(std::vector<Call> const& calls);

}  // namespace forksafe::testing
