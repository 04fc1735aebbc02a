// SPDX-License-Identifier: MIT
// expect: declare `std::optional<forksafe::Response> intercept\(forksafe::Request const&\)`
#include <optional>
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  void operator()(forksafe::ApplicationPostFork const&) {}
  std::optional<forksafe::Response> intercept(forksafe::Request&) { return {}; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
