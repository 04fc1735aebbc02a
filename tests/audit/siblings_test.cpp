// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <unistd.h>
#include "child.hpp"
import forksafe.audit;
import forksafe.generation;

namespace {

std::mt19937_64& tokens = *new std::mt19937_64{42};

/// Returns the findings of two children, one after the other, that seed their tokens with these numbers.
std::string found_by_two(std::uint64_t first, std::uint64_t second) {
  return in_audited_child([=]() -> std::string {
           forksafe::watch_forks();
           forksafe::audit_start();
           forksafe::watch_generator("tokens", tokens).detach();
           std::string found;
           for (std::uint64_t const seed : {first, second}) {
             forksafe::audit_before();
             found += in_child([=] {
                        tokens.seed(seed);
                        std::string lines;
                        // A second audit must not take the process for a sibling of itself.
                        for (int times = 0; times != 2; ++times)
                          for (forksafe::Finding const& finding : forksafe::audit().findings)
                            lines += finding.what + " " + finding.where_from + "\n";
                        return lines;
                      }).text;
           }
           return found;
         })
      .text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(siblings)

BOOST_AUTO_TEST_CASE(seeded_alike) {
  std::string const found = found_by_two(7, 7);
  BOOST_TEST(found.starts_with("generator 'tokens' its next 16 bytes are those that process "), found);
  BOOST_TEST(found.find(" draws\n") != found.npos, found);
}

BOOST_AUTO_TEST_CASE(seeded_differently) { BOOST_TEST(found_by_two(7, 8) == ""); }

BOOST_AUTO_TEST_CASE(not_seeded) {
  std::string const found = found_by_two(42, 43);
  BOOST_TEST(found.starts_with("generator 'tokens' its next 16 bytes are those that the parent draws\n"), found);
}

BOOST_AUTO_TEST_SUITE_END()
