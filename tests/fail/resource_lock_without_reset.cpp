// SPDX-License-Identifier: MIT
// expect: say how the child makes a new lock
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Lock {
  bool try_lock() { return true; }
  void unlock() {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::HoldLock<Lock>>;
static_assert(App::report.subscribers.size() == 1);
