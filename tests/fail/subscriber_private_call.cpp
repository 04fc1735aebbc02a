// SPDX-License-Identifier: MIT
// expect: it hears no event: declare .*, public
import forksafe;
import forksafe.uwsgi;

class Hidden {
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Hidden>;
static_assert(App::report.subscribers.size() == 1);
