// SPDX-License-Identifier: MIT
// expect: declare `static constexpr forksafe::Phase phase = forksafe::Phase::detach;`
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  static constexpr auto phase = static_cast<forksafe::Phase>(7);
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
