// SPDX-License-Identifier: MIT
// expect: two components declare `handle`: one application answers requests in one place
import forksafe;
import forksafe.uwsgi;

struct One {
  static constexpr bool thread_safe = true;
  forksafe::Response handle(forksafe::Request const&) { return {}; }
};
struct Other {
  static constexpr bool thread_safe = true;
  forksafe::Response handle(forksafe::Request const&) { return {}; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, One, Other>;
static_assert(App::handles_requests);
