// SPDX-License-Identifier: MIT
// expect: declare `forksafe::Response handle\(forksafe::Request const&\)`
import forksafe;
import forksafe.uwsgi;

class Wrong {
  forksafe::Response handle(forksafe::Request const&) { return {}; }

 public:
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
