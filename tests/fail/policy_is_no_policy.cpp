// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::string_view name, environment`
import forksafe;

struct Subscriber {
  void operator()(forksafe::ApplicationPostFork const&) {}
};

using App = forksafe::ForkSafeApp<Subscriber>;
static_assert(App::report.subscribers.empty());
