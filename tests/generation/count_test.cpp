// SPDX-License-Identifier: MIT
#include "processes.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

import forksafe.generation;

extern char** environ;

using forksafe::generation;

namespace {

std::string ahead(std::uint64_t before, std::uint64_t unannounced) {
  return std::to_string(generation() - before) + " " + std::to_string(forksafe::unannounced_forks() - unannounced);
}

/// Returns the generation at the first look of a child, by several threads at once.
std::string found_by_four_threads(std::uint64_t before) {
  std::string text;
  for (std::uint64_t const found : in_threads(4, generation)) text += std::to_string(found - before) + " ";
  return text + std::to_string(generation() - before);
}

pid_t (*const kinds[])() = {::fork, ::_Fork, raw_clone};

}  // namespace

BOOST_AUTO_TEST_SUITE(count)

BOOST_AUTO_TEST_CASE(this_system_wipes_the_page) {
  BOOST_TEST(forksafe::sees_every_fork());
  BOOST_TEST(generation() > 0u);
}

BOOST_AUTO_TEST_CASE(stays_the_same_in_one_process) {
  auto const before = generation();
  BOOST_TEST(generation() == before);
  for (std::uint64_t const found : in_threads(4, generation)) BOOST_TEST(found == before);
}

BOOST_AUTO_TEST_CASE(each_kind_of_fork_is_counted_once) {
  forksafe::watch_forks();
  auto const before = generation();
  auto const unannounced = forksafe::unannounced_forks();
  BOOST_TEST(in_child([&] { return ahead(before, unannounced); }).text == "1 0");
  BOOST_TEST(in_child([&] { return ahead(before, unannounced); }, ::_Fork).text == "1 1");
  BOOST_TEST(in_child([&] { return ahead(before, unannounced); }, raw_clone).text == "1 1");
  BOOST_TEST(generation() == before);
}

BOOST_AUTO_TEST_CASE(nested_forks_count_on) {
  forksafe::watch_forks();
  auto const before = generation();
  auto const result =
      in_child([&] { return in_child([&] { return in_child([&] { return ahead(before, 0); }, ::_Fork).text; }).text; });
  BOOST_TEST(result.text == "3 1");
}

BOOST_AUTO_TEST_CASE(a_grandchild_is_ahead_of_a_child_that_looked_and_of_one_that_did_not) {
  auto const before = generation();
  auto const grandchild = [&] { return std::to_string(generation() - before); };
  for (auto* const make : kinds) {
    BOOST_TEST(in_child([&] { return in_child(grandchild, make).text; }, raw_clone).text != "0");
    BOOST_TEST(in_child(
                   [&] {
                     std::string const own = std::to_string(generation() - before);
                     return own + in_child(grandchild, make).text + std::to_string(generation() - before);
                   },
                   make)
                   .text == "121");
  }
}

BOOST_AUTO_TEST_CASE(four_threads_that_look_first_at_once_count_one_fork) {
  auto const before = generation();
  for (auto* const make : kinds)
    for (int round = 0; round != 60; ++round) {
      auto const result = in_child([&] { return found_by_four_threads(before); }, make);
      BOOST_REQUIRE_EQUAL(result.text, "1 1 1 1 1");
      BOOST_REQUIRE_EQUAL(result.status, 0);
    }
  BOOST_TEST(generation() == before);
}

BOOST_AUTO_TEST_CASE(an_exec_in_a_shared_or_new_address_space_is_no_fork) {
  forksafe::watch_forks();
  auto const before = generation();
  BOOST_TEST(std::system("true") == 0);
  FILE* const pipe = ::popen("true", "r");
  BOOST_REQUIRE(pipe != nullptr);
  BOOST_TEST(::pclose(pipe) == 0);
  char name[] = "true";
  char* arguments[] = {name, nullptr};
  pid_t spawned = 0;
  int status = -1;
  BOOST_TEST(::posix_spawnp(&spawned, name, nullptr, nullptr, arguments, environ) == 0);
  BOOST_TEST(::waitpid(spawned, &status, 0) == spawned);
  BOOST_TEST(generation() == before);
}

BOOST_AUTO_TEST_CASE(the_first_look_keeps_errno) {
  for (auto* const make : kinds)
    BOOST_TEST(in_child(
                   [] {
                     errno = 4711;
                     static_cast<void>(generation());
                     return std::to_string(errno);
                   },
                   make)
                   .text == "4711");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(count_vfork)

BOOST_AUTO_TEST_CASE(the_child_of_a_vfork_does_not_count) {
  if (under_tsan) return skip("the thread sanitizer makes of each vfork a fork");
  auto const before = generation();
  volatile std::uint64_t found = 0;
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  pid_t const child = ::vfork();
#pragma clang diagnostic pop
  if (child == 0) {
    found = generation();
    ::_exit(0);
  }
  int status = -1;
  BOOST_TEST(::waitpid(child, &status, 0) == child);
  BOOST_TEST(found == before);
  BOOST_TEST(generation() == before);
}

BOOST_AUTO_TEST_SUITE_END()
