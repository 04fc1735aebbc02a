// SPDX-License-Identifier: MIT
// expect: an event is either absent, in one row, or has one row for each hook
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr auto wiring = [] {
    auto wires = toy::ToyPolicy::wiring;
    wires[1] = forksafe::absent<forksafe::ApplicationPreFork>("and yet the row above raises it");
    return wires;
  }();
};

static_assert(forksafe::ContainerPolicy<Mine>);
