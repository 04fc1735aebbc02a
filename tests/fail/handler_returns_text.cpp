// SPDX-License-Identifier: MIT
// expect: declare `forksafe::Response handle\(forksafe::Request const&\)`
#include <string>
import forksafe;
import forksafe.uwsgi;

struct Page {
  std::string handle(forksafe::Request const&) { return "hello"; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Page>;
static_assert(App::handles_requests);
