// SPDX-License-Identifier: MIT
// expect: let it return nothing: what it returns is dropped
import forksafe;
import forksafe.uwsgi;

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy>;

void wrong(App& app) {
  app.subscribe<forksafe::ApplicationPostFork>([](forksafe::ApplicationPostFork const&) { return true; });
}
