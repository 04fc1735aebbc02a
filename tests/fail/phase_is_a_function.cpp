// SPDX-License-Identifier: MIT
// expect: declare `static constexpr forksafe::Phase phase = forksafe::Phase::detach;`
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  static constexpr forksafe::Phase phase() { return forksafe::Phase::detach; }
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
