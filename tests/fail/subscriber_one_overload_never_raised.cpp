// SPDX-License-Identifier: MIT
// expect: SupportedEvent<Several, (forksafe::)?ApplicationForkFailed, forksafe::GunicornPolicy>
// expect: wrap the subscriber in forksafe::IfEmitted<...>
import forksafe;
import forksafe.gunicorn;

struct Several {
  void operator()(forksafe::ApplicationPostFork const&) {}
  void operator()(forksafe::ApplicationForkFailed const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::GunicornPolicy, Several>;
static_assert(App::report.subscribers.size() == 1);
