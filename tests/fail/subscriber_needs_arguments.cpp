// SPDX-License-Identifier: MIT
// expect: give it a constructor from nothing, from forksafe::Registry& or from forksafe::Application&
import forksafe;
import forksafe.uwsgi;

struct Needy {
  explicit Needy(int) {}
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Needy>;
static_assert(App::report.subscribers.size() == 1);
