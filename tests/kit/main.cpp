// SPDX-License-Identifier: MIT
#define BOOST_TEST_NO_MAIN
#include "sanitizers.hpp"
#include "skips.hpp"
#include <boost/test/tree/observer.hpp>
#include <boost/test/tree/traverse.hpp>
#include <boost/test/tree/visitor.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {

namespace test = boost::unit_test;

constexpr int all_were_skipped = 77;

/// Ends each case that hangs, whether it forks or not, unless its decorator sets another time. Boost.Test would divide the
/// timeout of a suite among its cases, so that the last of many cases would have no time left.
struct Limit : test::test_tree_visitor {
  void visit(test::test_case const& unit) override {
    auto& limit = test::framework::get<test::test_case>(unit.p_id).p_timeout;
    if (limit == 0) limit.value = seconds;
  }

  /// 0 sets no limit, for a debugger.
  unsigned seconds = sanitizer_slows * 60;
};

/// Counts the cases that ran, and those that were skipped, by a precondition or by themselves.
struct Count : test::test_observer {
  void test_start(test::counter_t, test::test_unit_id) override {
    Limit limit;
    if (char const* const seconds = std::getenv("FORKSAFE_TEST_SECONDS"))
      limit.seconds = static_cast<unsigned>(std::strtoul(seconds, nullptr, 10));
    test::traverse_test_tree(test::framework::master_test_suite(), limit, true);
  }
  void test_unit_start(test::test_unit const&) override { skips_itself = false; }
  void test_unit_finish(test::test_unit const& unit, unsigned long) override {
    if (unit.p_type != test::TUT_CASE) return;
    ++(skips_itself ? skipped : ran);
    skips_itself = false;
  }
  void test_unit_skipped(test::test_unit const& unit, test::const_string reason) override {
    // Boost.Test also reports here the cases that --run_test leaves out.
    if (!unit.is_enabled()) return;
    std::printf("[skipped] %.*s\n", static_cast<int>(reason.size()), reason.begin());
    ++skipped;
  }

  int ran = 0, skipped = 0;
  bool skips_itself = false;
};

Count count;

bool begin() {
  test::framework::master_test_suite().p_name.value = "forksafe";
  test::framework::register_observer(count);
  return true;
}

int verdict(int status) {
  if (status != 0 || count.skipped == 0) return status;
  if (count.ran == 0) return all_were_skipped;
  std::fputs("a part was skipped and a part has run: give each a suite and a test of CTest, so that the skip is counted\n",
             stderr);
  return 1;
}

}  // namespace

void skip(std::string const& reason) {
  std::printf("[skipped] %s\n", reason.c_str());
  std::fflush(stdout);
  count.skips_itself = true;
}

int main(int argc, char** argv) { return verdict(test::unit_test_main(begin, argc, argv)); }
