// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::NotifyChildOnly<...>` of them
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void after_fork_in_child() {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
