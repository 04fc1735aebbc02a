// SPDX-License-Identifier: MIT
// expect: it hears no event: .* by const reference
import forksafe;
import forksafe.uwsgi;

struct Changes {
  void operator()(forksafe::ApplicationPostFork&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Changes>;
static_assert(App::report.subscribers.size() == 1);
