// SPDX-License-Identifier: MIT
module;
#include <random>
#include <string>
export module draw;

import forksafe;
import forksafe.preset;

export namespace draw {

/// Draws a number for each job. Without the event all jobs would draw the same number.
struct Dice {
  void operator()(forksafe::ApplicationPostFork const&) { engine.seed(std::random_device{}()); }
  [[nodiscard]] forksafe::Response handle(forksafe::Request const&) { return {200, {}, "drew " + std::to_string(engine())}; }

  std::mt19937 engine{6};
};

using Draw = forksafe::ForkSafeApp<forksafe::PresetPolicy, Dice>;
static_assert(Draw::report.status == "Batch hook configured");

}  // namespace draw
