// SPDX-License-Identifier: MIT
// expect: SupportedEvent<OnForkFailure, (forksafe::)?ApplicationForkFailed, forksafe::GunicornPolicy>
// expect: drop the subscriber, choose another event, or wrap the subscriber in forksafe::IfEmitted<...>
import forksafe;
import forksafe.gunicorn;

struct OnForkFailure {
  void operator()(forksafe::ApplicationForkFailed const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::GunicornPolicy, OnForkFailure>;
static_assert(App::report.subscribers.size() == 1);
