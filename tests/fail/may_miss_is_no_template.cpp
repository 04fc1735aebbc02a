// SPDX-License-Identifier: MIT
// expect: declare `template <class Event> static constexpr bool may_miss =
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  static constexpr bool may_miss = true;
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
