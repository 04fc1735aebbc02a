// SPDX-License-Identifier: MIT
// expect: declare `static constexpr int replace_status`
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr std::string_view replace_status = "70";
};

static_assert(forksafe::ContainerPolicy<Mine>);
