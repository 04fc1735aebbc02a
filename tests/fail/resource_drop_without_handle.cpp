// SPDX-License-Identifier: MIT
// expect: name what you hold: `using Handle = ...;`
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Session {
  int open() { return 0; }
  void forget(int&) noexcept {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::DropAndReopen<Session>>;
static_assert(App::report.subscribers.size() == 1);
