// SPDX-License-Identifier: MIT
// expect: say what to do before the fork
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Buffers {};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::PreForkOnly<Buffers>>;
static_assert(App::report.subscribers.size() == 1);
