// SPDX-License-Identifier: MIT
// expect: its call operators hide those of its base, which hears more: add `using Base::operator\(\);`
import forksafe;
import forksafe.resource;
import forksafe.uwsgi;

struct Traits {
  void reseed() {}
};
struct Wrong : forksafe::Reseed<Traits> {
  using Reseed::Reseed;
  void operator()(forksafe::ApplicationPostWorkerInit const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
