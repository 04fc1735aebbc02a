// SPDX-License-Identifier: MIT
// expect: declare `static constexpr std::string_view name, environment`
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr int name = 0;
};

static_assert(forksafe::ContainerPolicy<Mine>);
