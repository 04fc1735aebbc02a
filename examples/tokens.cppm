// SPDX-License-Identifier: MIT
module;
#include <random>
#include <string>
export module tokens;

import forksafe;
import forksafe.preset;

export namespace tokens {

/// Hands out tokens. A fork copies the engine, so that all workers would hand out the same ones.
class Tokens {
 public:
  static constexpr forksafe::Phase phase = forksafe::Phase::reseed;

  /// Called in each new worker, before anything there draws a token.
  void operator()(forksafe::ApplicationPostFork const&) { engine_.seed(std::random_device{}()); }

  [[nodiscard]] forksafe::Response handle(forksafe::Request const&) {
    return {200, {{"Content-Type", "text/plain"}}, std::to_string(engine_()) + "\n"};
  }

 private:
  std::mt19937_64 engine_{std::random_device{}()};
};

using App = forksafe::ForkSafeApp<forksafe::PresetPolicy, forksafe::Serialised<Tokens>>;
static_assert(App::report.subscribers.front().phase == forksafe::Phase::reseed);

}  // namespace tokens
