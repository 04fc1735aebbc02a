// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::StopRestart<...>` of them
#include <chrono>
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void start() {}
  bool stop(std::chrono::steady_clock::time_point) { return true; }
  void discard() noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
