// SPDX-License-Identifier: MIT
// expect: it hears no event: declare `void operator\(\)\(forksafe::ApplicationPostFork const&\)`
import forksafe;
import forksafe.uwsgi;

struct Deaf {
  void on_fork(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Deaf>;
static_assert(App::report.subscribers.size() == 1);
