// SPDX-License-Identifier: MIT
// expect: this container cannot be chosen: the application's policy is not a forksafe::AutoPolicy with it
import forksafe;
import forksafe.gunicorn;
import forksafe.uwsgi;

void choose(forksafe::ForkSafeApp<forksafe::AutoPolicy<forksafe::UwsgiPolicy>>& app) { app.choose<forksafe::GunicornPolicy>(); }
