// SPDX-License-Identifier: MIT
// expect: say how to make one: `Handle open\(\);`
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Library {
  using Handle = int;
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::NeverTouch<Library>>;
static_assert(App::report.subscribers.size() == 1);
