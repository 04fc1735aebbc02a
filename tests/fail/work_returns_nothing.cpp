// SPDX-License-Identifier: MIT
// expect: let the work take nothing and return what it has to say as text
import forksafe;
import forksafe.testing;
import toy;

struct OnFork {
  void operator()(forksafe::ApplicationPostFork const&) {}
};

void start(forksafe::testing::Container<forksafe::ForkSafeApp<toy::ToyPolicy, OnFork>>& container) {
  container.fork([] {});
}
