// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

import forksafe;

using namespace forksafe;

namespace {
struct Clock {
  int now = 0;
};
struct Pool {
  int size = 0;
};
}  // namespace

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(services_are_found_by_their_type) {
  Registry registry{"shop"};
  BOOST_TEST(registry.find<Clock>() == nullptr);
  registry.provide(std::make_shared<Clock>(Clock{3}));
  registry.provide(std::make_shared<Pool>(Pool{4}));
  BOOST_TEST(registry.find<Clock>()->now == 3);
  BOOST_TEST(registry.find<Pool>()->size == 4);
}

BOOST_AUTO_TEST_CASE(a_new_service_takes_the_place_of_the_old_one) {
  Registry registry{"shop"};
  registry.provide(std::make_shared<Clock>(Clock{3}));
  registry.provide(std::make_shared<Clock>(Clock{5})).now += 1;
  BOOST_TEST(registry.find<Clock>()->now == 6);
}

BOOST_AUTO_TEST_CASE(a_lent_service_is_not_destroyed) {
  struct Counted {
    int& ended;
    ~Counted() { ++ended; }
  };
  int ended = 0;
  Counted lent{ended};
  {
    Registry registry{"shop"};
    registry.lend(lent);
    BOOST_TEST(registry.find<Counted>() == &lent);
    registry.provide(std::make_shared<Counted>(ended));
    registry.lend(lent);
    BOOST_TEST(&registry.get<Counted>() == &lent);
    BOOST_TEST(ended == 1);
  }
  BOOST_TEST(ended == 1);
}

BOOST_AUTO_TEST_CASE(it_knows_its_name_and_settings) {
  Registry registry{"shop"};
  registry.settings().set("colour", "green", "test");
  BOOST_TEST(registry.name() == "shop");
  BOOST_TEST(registry.settings().get("colour", "") == "green");
}

BOOST_AUTO_TEST_SUITE_END()
