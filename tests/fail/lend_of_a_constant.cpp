// SPDX-License-Identifier: MIT
// expect: give the registry a service that is not const
import forksafe;

struct Prices {
  int of_one = 3;
};

Prices const prices;

void wrong(forksafe::Registry& registry) { registry.lend(prices); }
