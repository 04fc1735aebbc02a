// SPDX-License-Identifier: MIT
// expect: say what to do before the fork
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Library {
  void after_fork_in_parent() {}
  void after_fork_in_child() {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::NotifyBothSides<Library>>;
static_assert(App::report.subscribers.size() == 1);
