// SPDX-License-Identifier: MIT
// expect: what was closed before the fork must be undone in the parent
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr auto wiring = [] {
    auto wires = toy::ToyPolicy::wiring;
    wires[2] = forksafe::absent<forksafe::ApplicationPostForkParent>("it does not come back");
    wires[3] = forksafe::native<forksafe::ApplicationPostFork>("child_again", "worker");
    return wires;
  }();
};

static_assert(forksafe::ContainerPolicy<Mine>);
