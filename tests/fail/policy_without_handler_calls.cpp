// SPDX-License-Identifier: MIT
// expect: declare `static constexpr HandlerCalls handler_calls`
#include <string_view>
import forksafe;
import toy;

struct Mine : toy::ToyPolicy {
  static constexpr std::string_view handler_calls = "never";
};

static_assert(forksafe::ContainerPolicy<Mine>);
