// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::HoldLock<...>` of them
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  bool try_lock() { return true; }
  void unlock() {}
  void reset() noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
