// SPDX-License-Identifier: MIT
// expect: say what to do in the child
import forksafe;
import forksafe.resource;
import forksafe.standalone;

struct Loop {};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, forksafe::NotifyChildOnly<Loop>>;
static_assert(App::report.subscribers.size() == 1);
