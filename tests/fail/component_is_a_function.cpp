// SPDX-License-Identifier: MIT
// expect: list a class: .* a pointer to a function would be null
import forksafe;
import forksafe.uwsgi;

using Wrong = void (*)(forksafe::ApplicationPostFork const&);

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
