// SPDX-License-Identifier: MIT
// expect: declare `static constexpr bool thread_safe = true;` .* list `forksafe::Serialised<...>`
import forksafe;
import forksafe.uwsgi;

struct Handler {
  forksafe::Response handle(forksafe::Request const&) { return {}; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Handler>;
App* app = new App{"app"};
