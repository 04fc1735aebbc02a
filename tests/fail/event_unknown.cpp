// SPDX-License-Identifier: MIT
// expect: not an event: use one of the Application... structs
import forksafe;
import forksafe.uwsgi;

struct ApplicationLunch {};

void announce(forksafe::ForkSafeApp<forksafe::UwsgiPolicy>& app) { app.call_subscribers(ApplicationLunch{}); }
