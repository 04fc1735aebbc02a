// SPDX-License-Identifier: MIT
// expect: this container can't be chosen: the application's policy is no forksafe::AutoPolicy that lists it
import forksafe;
import forksafe.gunicorn;
import forksafe.uwsgi;

void choose(forksafe::ForkSafeApp<forksafe::AutoPolicy<forksafe::UwsgiPolicy>>& app) { app.choose<forksafe::GunicornPolicy>(); }
