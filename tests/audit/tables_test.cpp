// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <span>
#include <string>

import hazards;

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(each_hazard_is_a_test_of_its_own) {
  std::string names;
  for (auto const& hazards : {hazards::descriptors(), hazards::memory(), hazards::objects(), hazards::signals()})
    for (hazards::Case const& hazard : hazards) names += (names.empty() ? "" : " ") + std::string{hazard.name};
  BOOST_TEST(names == AUDIT_HAZARDS);
}

BOOST_AUTO_TEST_SUITE_END()
