// SPDX-License-Identifier: MIT
#include <string_view>

import forksafe;
import hello;

static_assert(hello::Hello::report.subscribers.front().name == "hello::Greeter");

int main() {
  auto& app = *new hello::Hello{"hello"};
  return &app.registry().get<hello::Greeter>() != nullptr ? 0 : 1;
}
