// SPDX-License-Identifier: MIT
// expect: CallsEachOverload<Wrong, (forksafe::)?ApplicationPreFork>
// expect: an overload for this event is never called: declare `void operator\(\)\(Event const&\)`, public
import forksafe;
import forksafe.uwsgi;

class Wrong {
 public:
  void operator()(forksafe::ApplicationPostFork const&) {}

 private:
  void operator()(forksafe::ApplicationPreFork const&) {}
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
