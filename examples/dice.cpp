// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <random>

import forksafe;
import forksafe.resource.random;
import forksafe.standalone;

using Dice = forksafe::Reseed<forksafe::RandomEngine<std::mt19937_64>>;

int main() {
  auto& app = *new forksafe::ForkSafeApp<forksafe::StandalonePolicy, Dice>{"dice"};
  int const drawn = std::uniform_int_distribution<int>{1, 6}(app.registry().find<Dice>()->get());
  return drawn >= 1 && drawn <= 6 ? EXIT_SUCCESS : EXIT_FAILURE;
}
