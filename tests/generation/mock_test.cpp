// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cstdint>

import forksafe.generation;

extern "C" void pretend_generation(std::uint64_t generation);

namespace {

struct CountCalls {
  int operator()() { return ++calls; }
  int calls = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(mock)

// The generation grows by one or three, or falls by one: each change counts once, whatever its step.
BOOST_AUTO_TEST_CASE(each_change_of_the_generation_counts_once) {
  auto const start = forksafe::generation();
  forksafe::ForkLocal<int, CountCalls> made;
  BOOST_TEST(made.get() == 1);
  int changes = 1;
  std::uint64_t now = start + 10;
  for (int const step : {0, 1, 3, -1}) {
    forksafe::Origin const origin;
    now += static_cast<std::uint64_t>(step);
    pretend_generation(now);
    BOOST_TEST(forksafe::generation() == now);
    BOOST_TEST(!origin.is_current());
    BOOST_CHECK_THROW(origin.require("it"), forksafe::InheritedObject);
    ++changes;
    BOOST_TEST(made.get() == changes);
    BOOST_TEST(made.get() == changes);
    pretend_generation(now);
    BOOST_TEST(made.get() == changes);
  }
  pretend_generation(start);
}

BOOST_AUTO_TEST_CASE(a_wiped_page_is_one_change) {
  auto const start = forksafe::generation();
  forksafe::ForkLocal<int, CountCalls> made;
  BOOST_TEST(made.get() == 1);
  pretend_generation(0);
  BOOST_TEST(made.get() == 2);
  BOOST_TEST(made.get() == 2);
  BOOST_TEST(forksafe::generation() > start);
}

BOOST_AUTO_TEST_SUITE_END()
