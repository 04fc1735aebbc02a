// SPDX-License-Identifier: MIT
// expect: say how to make one: `Handle open\(\);`
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Session {
  using Handle = int;
  void forget(int&) noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::DropAndReopen<Session>>;
static_assert(App::report.subscribers.size() == 1);
