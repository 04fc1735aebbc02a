// SPDX-License-Identifier: MIT
// expect: declare `void operator\(\)`: what it returns is dropped, and a coroutine would never run
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  bool operator()(forksafe::ApplicationPostFork const&) { return true; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
