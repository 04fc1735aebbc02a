// SPDX-License-Identifier: MIT
// expect: give the registry a service that is not const
#include <memory>
import forksafe;

struct Prices {
  int of_one = 3;
};

void wrong(forksafe::Registry& registry) { registry.provide(std::make_shared<Prices const>()); }
