// SPDX-License-Identifier: MIT
// expect: declare `forksafe::Response handle\(forksafe::Request const&\)`
import forksafe;
import forksafe.uwsgi;

struct Wrong final {
  void operator()(forksafe::ApplicationPostFork const&) {}
  forksafe::Response handle(forksafe::Request&) { return {}; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
