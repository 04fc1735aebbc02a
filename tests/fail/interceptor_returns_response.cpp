// SPDX-License-Identifier: MIT
// expect: declare `std::optional<forksafe::Response> intercept\(forksafe::Request const&\)`
import forksafe;
import forksafe.uwsgi;

struct Filter {
  forksafe::Response intercept(forksafe::Request const&) { return {}; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Filter>;
static_assert(App::handles_requests);
