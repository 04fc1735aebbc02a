// SPDX-License-Identifier: MIT
// expect: this container never raises this event: choose another event
import forksafe;
import forksafe.gunicorn;

void listen(forksafe::ForkSafeApp<forksafe::GunicornPolicy>& app) {
  app.subscribe<forksafe::ApplicationForkFailed>([](forksafe::ApplicationForkFailed const&) {});
}
