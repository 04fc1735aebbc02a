// SPDX-License-Identifier: MIT
// The forms that a test program can have, for test_kit.py, which runs each suite alone.
#include "print.hpp"
#include "skips.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string_view>
#include <unistd.h>

namespace colours {

enum class Colour { red, green };
constexpr std::string_view name_of(Colour colour) { return colour == Colour::red ? "red" : "green"; }

}  // namespace colours

namespace {

enum class Size : unsigned char { small, large };

boost::test_tools::assertion_result not_here(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result{false};
  result.message() << "of a precondition";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(passes)
BOOST_AUTO_TEST_CASE(one) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fails)
BOOST_AUTO_TEST_CASE(one) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(skips)
BOOST_AUTO_TEST_CASE(one) { skip("of its own"); }
BOOST_AUTO_TEST_CASE(other, *boost::unit_test::precondition(not_here)) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(skips_and_passes)
BOOST_AUTO_TEST_CASE(one) { skip("of its own"); }
BOOST_AUTO_TEST_CASE(other) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(skips_by_precondition_and_passes)
BOOST_AUTO_TEST_CASE(one) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(other, *boost::unit_test::precondition(not_here)) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(skips_and_fails)
BOOST_AUTO_TEST_CASE(one) { skip("of its own"); }
BOOST_AUTO_TEST_CASE(other) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fails_and_skips_in_one_case)
BOOST_AUTO_TEST_CASE(one) {
  BOOST_TEST(false);
  skip("of its own");
}
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hangs)
BOOST_AUTO_TEST_CASE(one) { ::pause(); }
BOOST_AUTO_TEST_CASE(other) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hangs_at_its_own_risk)
BOOST_AUTO_TEST_CASE(one, *boost::unit_test::timeout(1)) { ::pause(); }
BOOST_AUTO_TEST_CASE(other, *boost::unit_test::timeout(60)) { ::sleep(2); }
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(prints)
BOOST_AUTO_TEST_CASE(one) {
  using namespace std::chrono;
  BOOST_TEST(colours::Colour::red == colours::Colour::green);
  BOOST_TEST(Size::small == Size::large);
  BOOST_TEST(nanoseconds{3} > 2h);
  BOOST_TEST(sys_time<milliseconds>{} == sys_time<milliseconds>{5ms});
  BOOST_TEST(std::optional<int>{} == std::optional{7});
}
BOOST_AUTO_TEST_SUITE_END()
