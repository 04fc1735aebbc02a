// SPDX-License-Identifier: MIT
// expect: raises an event from a hook that its policy's wiring does not list: add the row
import forksafe;
import forksafe.uwsgi;

void hook(forksafe::ForkSafeApp<forksafe::UwsgiPolicy>& app) { app.emit<"post_frok">(forksafe::ApplicationPostFork{}); }
