// SPDX-License-Identifier: MIT
// expect: give every event a row in the wiring; say absent<Event>\(reason\)
#include <array>
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr std::array wiring{forksafe::native<forksafe::ApplicationPostFork>("child", "worker")};
};

static_assert(forksafe::ContainerPolicy<Mine>);
