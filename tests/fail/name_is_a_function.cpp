// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::string_view name =
#include <string_view>
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  static constexpr std::string_view name() { return "wrong"; }
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
