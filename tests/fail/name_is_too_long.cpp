// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::string_view name =
#include <string_view>
import forksafe;
import forksafe.uwsgi;

struct Wrong {
  static constexpr std::string_view name =
      "a name that goes on for more than seventy seven characters, which is all that the journal keeps";
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
