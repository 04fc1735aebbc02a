// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::chrono::milliseconds deadline
#include <chrono>
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  std::chrono::milliseconds deadline{3};
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
