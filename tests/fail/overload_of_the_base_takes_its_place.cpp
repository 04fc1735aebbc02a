// SPDX-License-Identifier: MIT
// expect: CallsEachOverload<Wrong, (forksafe::)?ApplicationPreFork>
// expect: an overload for this event is never called: declare `void operator\(\)\(Event const&\)`, public
import forksafe;
import forksafe.standalone;

struct Wrong {
  void operator()(forksafe::ChildEventContext const&) {}
  void operator()(forksafe::ApplicationPreFork&) {}
};

using App = forksafe::ForkSafeApp<forksafe::StandalonePolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
