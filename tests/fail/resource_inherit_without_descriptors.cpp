// SPDX-License-Identifier: MIT
// expect: say which descriptors are shared on purpose
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Listener {
  int descriptor() { return 3; }
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::Inherit<Listener>>;
static_assert(App::report.subscribers.size() == 1);
