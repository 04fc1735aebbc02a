// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <unistd.h>
#include "child.hpp"
import forksafe.audit;
import forksafe.generation;
import hazards;

/// The result begins with it where this system refuses what the hazard needs.
inline constexpr std::string_view not_made = "not made: ";

/// Returns the findings of a child that is forked after the hazard, as `show` writes them. `after_fork` runs in it first.
inline std::string seen_behind(
    hazards::Case const& hazard, std::string (*show)(forksafe::AuditReport const&), void (*after_fork)() = [] {}) {
  ChildResult const result = in_audited_child([&]() -> std::string {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    forksafe::watch_forks();
    forksafe::audit_start();
    if (std::string const reason = hazard.make(); !reason.empty()) return std::string{not_made} + reason;
    forksafe::audit_before();
    pid_t const child = hazard.fork();
    if (child == 0) {
      after_fork();
      std::string const text = show(forksafe::audit());
      static_cast<void>(::write(ends[1], text.data(), text.size()));
      ::_exit(0);
    }
    ::close(ends[1]);
    ChildResult const found = result_of(child, ends[0]);
    return found.status == 0 ? found.text : "the child ended: " + found.outcome();
  });
  return result.status == 0 ? result.text : "the parent ended: " + result.outcome();
}
