// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::PreForkOnly<...>` of them
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void before_fork() {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
