// SPDX-License-Identifier: MIT
#pragma once
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include "child.hpp"
import forksafe.audit;
import forksafe.generation;
import hazards;

/// What a child that has been forked behind the hazard finds, as `show` writes it. `after_fork` runs in it first.
inline std::string seen_behind(hazards::Case const& hazard, std::string (*show)(forksafe::AuditReport const&), void (*after_fork)() = [] {}) {
  // What the test runner has buffered would be a finding, and a true one.
  std::fflush(stdout);
  ChildResult const result = in_child([&]() -> std::string {
    ::alarm(30);
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    forksafe::watch_forks();
    forksafe::audit_start();
    if (std::string const reason = hazard.make(); !reason.empty()) return "skipped: " + reason;
    forksafe::audit_before();
    pid_t const child = hazard.fork();
    if (child == 0) {
      after_fork();
      std::string const text = show(forksafe::audit());
      static_cast<void>(::write(ends[1], text.data(), text.size()));
      ::_exit(0);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(size));
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0 ? text : "the child ended with " + std::to_string(status);
  });
  return result.status == 0 ? result.text : "the parent ended with " + std::to_string(result.status);
}
