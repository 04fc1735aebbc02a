// SPDX-License-Identifier: MIT
// expect: let it take the event by const reference
import forksafe;
import forksafe.uwsgi;

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy>;

void wrong(App& app) {
  app.subscribe<forksafe::ApplicationPostFork>([](forksafe::ApplicationPostFork&) {});
}
