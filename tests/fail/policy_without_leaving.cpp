// SPDX-License-Identifier: MIT
// expect: declare `static constexpr Leaving leave = exit_with<70>;`
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr std::string_view leave = "70";
};

static_assert(forksafe::ContainerPolicy<Mine>);
