// SPDX-License-Identifier: MIT
// expect: say how to seed again: `void reseed\(\);`
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Engine {};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::Reseed<Engine>>;
static_assert(App::report.subscribers.size() == 1);
