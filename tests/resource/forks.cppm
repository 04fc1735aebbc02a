// SPDX-License-Identifier: MIT
module;
#include "child.hpp"
#include <cstdio>
#include <string>
#include <sys/types.h>
#include <unistd.h>
export module forks;

import forksafe;
import forksafe.audit;
import forksafe.standalone;

namespace forksafe {

template <class Event>
Event event_in(Role role, bool forked) {
  Event event;
  event.process.role = role;
  event.forked = forked;
  return event;
}

}  // namespace forksafe

export namespace forksafe {

template <class App>
void before_fork(App& app) {
  app.template emit<"pre_fork">(event_in<ApplicationPreFork>(Role::master, false));
}

template <class App>
void after_fork_in_parent(App& app) {
  app.template emit<"post_fork_parent">(event_in<ApplicationPostForkParent>(Role::master, false));
}

template <class App>
void after_failed_fork(App& app) {
  app.template emit<"fork_failed">(event_in<ApplicationForkFailed>(Role::master, false));
}

template <class App>
void after_fork_in_child(App& app, bool forked = true) {
  app.template emit<"post_fork">(event_in<ApplicationPostFork>(Role::worker, forked));
}

/// Forks a worker as the embedded server does, with all events, and runs `work` in it.
template <class App, class Work>
ChildResult in_worker(App& app, Work work, pid_t (*make)() = ::fork) {
  before_fork(app);
  return in_child(
      [&] {
        after_fork_in_child(app);
        return std::string{work()};
      },
      make, [&] { after_fork_in_parent(app); });
}

/// Returns the failures of this process: `subscriber: reason; `.
[[nodiscard]] std::string failures_of(Application const& app) {
  std::string text;
  for (FailureRow const& failure : app.debug().failures)
    for (std::uint64_t time = 0; time != failure.times; ++time) text += failure.subscriber + ": " + failure.reason + "; ";
  return text;
}

/// Returns the audit's findings in a child that is forked without any event, each as `what: where from; `.
[[nodiscard]] std::string found_in_child() {
  // A full buffer of the test runner would be a true finding.
  std::fflush(stdout);
  audit_before();
  return in_child([] {
           std::string text;
           for (Finding const& finding : audit().findings) text += finding.what + ": " + finding.where_from + "; ";
           return text;
         })
      .text;
}

}  // namespace forksafe
