// SPDX-License-Identifier: MIT
// expect: say what a child does with the parent.s queue and dead threads
#include <chrono>

import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Pool {
  void start() {}
  bool stop(std::chrono::steady_clock::time_point) { return true; }
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::StopRestart<Pool>>;
static_assert(App::report.subscribers.size() == 1);
