// SPDX-License-Identifier: MIT
// expect: say how to stop the threads: `bool stop\(
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Pool {
  void start() {}
  void discard() noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::StopRestart<Pool>>;
static_assert(App::report.subscribers.size() == 1);
