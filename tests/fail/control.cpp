// SPDX-License-Identifier: MIT
// compiles: the other files of this folder without their mistake
#include <optional>
import forksafe;
import forksafe.gunicorn;
import forksafe.uwsgi;
import toy;

struct OnForkFailure {
  void operator()(forksafe::ApplicationPostFork const&) {}
  void operator()(forksafe::ApplicationForkFailed const&) {}
};
struct Page {
  static constexpr bool thread_safe = true;
  forksafe::Response handle(forksafe::Request const&) { return {}; }
  std::optional<forksafe::Response> intercept(forksafe::Request const&) { return {}; }
};

using App = forksafe::ForkSafeApp<forksafe::GunicornPolicy, forksafe::IfEmitted<OnForkFailure>, Page>;
static_assert(App::report.subscribers[0].events.size() == 1);
static_assert(forksafe::ContainerPolicy<toy::ToyPolicy>);
static_assert(forksafe::ForkSafeApp<forksafe::UwsgiPolicy, OnForkFailure>::report.subscribers[0].events.size() == 2);
