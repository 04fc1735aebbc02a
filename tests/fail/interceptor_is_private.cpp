// SPDX-License-Identifier: MIT
// expect: declare `std::optional<forksafe::Response> intercept\(forksafe::Request const&\)`
#include <optional>
import forksafe;
import forksafe.uwsgi;

class Wrong {
  std::optional<forksafe::Response> intercept(forksafe::Request const&) { return {}; }

 public:
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
