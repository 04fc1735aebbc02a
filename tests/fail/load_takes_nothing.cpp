// SPDX-License-Identifier: MIT
// expect: declare `void load\(forksafe::Application&\)`, public; it throws to fail
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void operator()(forksafe::ApplicationPostFork const&) {}
  void load() {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
