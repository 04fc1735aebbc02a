// SPDX-License-Identifier: MIT
#include <string_view>

import core;
import forksafe;

static_assert(__cplusplus > 202002L);
static_assert(core::App::report.subscribers.front().name == "core::Counter");

int main() {
  auto& app = *new core::App{"app"};
  return app.registry().get<core::Counter>().heard;
}
