// SPDX-License-Identifier: MIT
// expect: status, log .* and requirements
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr int log = 0;
};

static_assert(forksafe::ContainerPolicy<Mine>);
