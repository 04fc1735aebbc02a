// SPDX-License-Identifier: MIT
// expect: its call operators hide those of its base, which hears more: add `using Base::operator\(\);`
import forksafe;
import forksafe.uwsgi;

struct Base {
  void operator()(forksafe::ApplicationPreFork const&) {}
};
struct Other {};
struct Wrong : Other, Base {
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
