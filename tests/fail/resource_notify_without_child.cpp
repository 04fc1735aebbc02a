// SPDX-License-Identifier: MIT
// expect: say what to do in the child
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Library {
  void before_fork() {}
  void after_fork_in_parent() {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::NotifyBothSides<Library>>;
static_assert(App::report.subscribers.size() == 1);
