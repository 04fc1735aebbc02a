// SPDX-License-Identifier: MIT
module;
#include <string>
export module hello;

import forksafe;
import forksafe.preset;

export namespace hello {

/// The smallest possible handler, so that the way to it and back is measured.
struct Greeting {
  static constexpr bool thread_safe = true;

  [[nodiscard]] forksafe::Response handle(forksafe::Request const&) {
    return {200, {{"Content-Type", "text/plain"}}, "Hello, World!"};
  }
};

using Hello = forksafe::ForkSafeApp<forksafe::PresetPolicy, Greeting>;

}  // namespace hello
