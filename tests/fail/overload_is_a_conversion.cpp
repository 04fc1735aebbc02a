// SPDX-License-Identifier: MIT
// expect: CallsEachOverload<Wrong, (forksafe::)?ApplicationPreFork>
// expect: an overload for this event is never called: declare `void operator\(\)\(Event const&\)`, public
import forksafe;
import forksafe.uwsgi;

void write_down(forksafe::ApplicationPreFork&) {}

struct Wrong {
  using Function = void (*)(forksafe::ApplicationPreFork&);
  void operator()(forksafe::ApplicationPostFork const&) {}
  operator Function() const { return write_down; }
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
