// SPDX-License-Identifier: MIT
// expect: these are traits: list `forksafe::Inherit<...>` of them
#include <array>
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  std::array<int, 1> descriptors() { return {3}; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
