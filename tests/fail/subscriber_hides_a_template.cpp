// SPDX-License-Identifier: MIT
// expect: its call operators hide those of its base, which hears more: add `using Base::operator\(\);`
import forksafe;
import forksafe.uwsgi;

template <class Derived>
struct Base {
  void operator()(forksafe::ApplicationPreFork const&) {}
};
class Wrong : public Base<Wrong> {
 public:
  explicit Wrong(forksafe::Registry& registry) : registry_(registry) {}
  void operator()(forksafe::ApplicationPostFork const&) {}

 private:
  forksafe::Registry& registry_;
};

using App = forksafe::ForkSafeApp<forksafe::UwsgiPolicy, Wrong>;
static_assert(App::report.subscribers.size() == 1);
