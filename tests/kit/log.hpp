// SPDX-License-Identifier: MIT
#pragma once
#include "child.hpp"
#include <string>
#include <unistd.h>

/// Returns what an action writes to the log, which is at most what a pipe holds.
template <class Action>
std::string logged_by(Action action) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  int const kept = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  action();
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  return read_all(ends[0]);
}
