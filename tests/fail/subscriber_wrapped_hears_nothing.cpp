// SPDX-License-Identifier: MIT
// expect: it hears no event
import forksafe;
import forksafe.uwsgi;

struct Deaf {};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, forksafe::IfEmitted<Deaf>>;
static_assert(App::report.subscribers.empty());
