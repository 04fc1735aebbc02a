// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::array processes
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr auto wiring = [] {
    auto wires = toy::ToyPolicy::wiring;
    wires[5] = forksafe::native<forksafe::ApplicationPostFork>("child", "worker, cache manager");
    return wires;
  }();
};

static_assert(forksafe::ContainerPolicy<Mine>);
