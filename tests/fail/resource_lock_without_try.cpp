// SPDX-License-Identifier: MIT
// expect: say how to take the lock without waiting
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Lock {
  void unlock() {}
  void reset() noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::HoldLock<Lock>>;
static_assert(App::report.subscribers.size() == 1);
