// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::Reseed<...>` of them
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void reseed() {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
