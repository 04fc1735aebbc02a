// SPDX-License-Identifier: MIT
// expect: say how to start the threads: `void start\(\);`
#include <chrono>

import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Pool {
  bool stop(std::chrono::steady_clock::time_point) { return true; }
  void discard() noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::StopRestart<Pool>>;
static_assert(App::report.subscribers.size() == 1);
