// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::NeverTouch<...>` of them
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  using Handle = int;
  int open() { return 3; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
