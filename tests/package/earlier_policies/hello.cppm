// SPDX-License-Identifier: MIT
export module hello;

import forksafe;
import forksafe.preset;

export namespace hello {

struct Greeter {
  static constexpr bool thread_safe = true;

  void operator()(forksafe::ApplicationPostFork const&) {}
  [[nodiscard]] forksafe::Response handle(forksafe::Request const&) { return {}; }
};

using Hello = forksafe::ForkSafeApp<forksafe::PresetPolicy, Greeter>;

}  // namespace hello
