// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::chrono::milliseconds deadline
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  static constexpr int deadline = 3;
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
