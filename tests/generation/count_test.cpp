// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

import forksafe;

namespace {

pid_t raw_clone() { return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }

std::string ahead(std::uint64_t before, std::uint64_t unannounced) {
  return std::to_string(forksafe::generation() - before) + " " + std::to_string(forksafe::unannounced_forks() - unannounced);
}

int prepared = 0;
int returned = 0;

}  // namespace

BOOST_AUTO_TEST_SUITE(count)

BOOST_AUTO_TEST_CASE(each_kind_of_fork_is_counted_once) {
  forksafe::watch_forks();
  auto const before = forksafe::generation();
  auto const unannounced = forksafe::unannounced_forks();
  BOOST_TEST(in_child([&] { return ahead(before, unannounced); }).text == "1 0");
  BOOST_TEST(in_child([&] { return ahead(before, unannounced); }, ::_Fork).text == "1 1");
  BOOST_TEST(in_child([&] { return ahead(before, unannounced); }, raw_clone).text == "1 1");
  BOOST_TEST(forksafe::generation() == before);
}

BOOST_AUTO_TEST_CASE(nested_forks_count_on) {
  forksafe::watch_forks();
  auto const before = forksafe::generation();
  auto const result = in_child([&] {
    return in_child([&] { return in_child([&] { return ahead(before, 0); }, ::_Fork).text; }).text;
  });
  BOOST_TEST(result.text == "3 1");
}

BOOST_AUTO_TEST_CASE(an_exec_in_a_shared_address_space_is_no_fork) {
  forksafe::watch_forks();
  auto const before = forksafe::generation();
  BOOST_TEST(::system("true") == 0);
  BOOST_TEST(forksafe::generation() == before);
}

BOOST_AUTO_TEST_CASE(a_watch_sees_both_sides_in_the_parent_and_only_of_real_forks) {
  forksafe::watch_forks({[]() noexcept { ++prepared; }, []() noexcept { ++returned; }});
  static_cast<void>(in_child([] { return std::string{}; }));
  static_cast<void>(in_child([] { return std::string{}; }, ::_Fork));
  forksafe::watch_forks();
  static_cast<void>(in_child([] { return std::string{}; }));
  BOOST_TEST(prepared == 1);
  BOOST_TEST(returned == 1);
}

BOOST_AUTO_TEST_SUITE_END()
