// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::NotifyBothSides<...>` of them
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void before_fork() {}
  void after_fork_in_parent() {}
  void after_fork_in_child() {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
