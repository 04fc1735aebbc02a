// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::array wiring
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr int wiring = 0;
};

static_assert(forksafe::ContainerPolicy<Mine>);
