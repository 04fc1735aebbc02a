// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

import forksafe.base;

using namespace forksafe::base;

BOOST_AUTO_TEST_SUITE(base)

BOOST_AUTO_TEST_CASE(texts_and_numbers_are_joined) {
  BOOST_TEST(concat() == "");
  BOOST_TEST(concat("worker ", 3, std::string{" of "}, std::size_t{4}, std::string_view{"!"}) == "worker 3 of 4!");
  BOOST_TEST(concat(-1, " ", std::numeric_limits<std::uint64_t>::max()) == "-1 18446744073709551615");
}

BOOST_AUTO_TEST_CASE(blanks_are_trimmed_at_both_ends_only) {
  BOOST_TEST(trimmed(" \t\r\n a b\n\r\t ") == "a b");
  BOOST_TEST(trimmed("") == "");
  BOOST_TEST(trimmed(" \n") == "");
  BOOST_TEST(trimmed("\va\v") == "\va\v");
  BOOST_TEST(trimmed("__ a_b _", "_ ") == "a_b");
}

BOOST_AUTO_TEST_CASE(only_letters_of_ascii_have_a_case) {
  for (int code = -128; code != 128; ++code) {
    auto const character = static_cast<char>(code);
    bool const small = code >= 'a' && code <= 'z', capital = code >= 'A' && code <= 'Z';
    BOOST_TEST(is_letter(character) == (small || capital), code);
    BOOST_TEST(is_digit(character) == (code >= '0' && code <= '9'), code);
    BOOST_TEST(lower(character) == static_cast<char>(capital ? code + 32 : code), code);
    BOOST_TEST(upper(character) == static_cast<char>(small ? code - 32 : code), code);
  }
}

BOOST_AUTO_TEST_CASE(what_a_terminal_obeys_is_a_control_character) {
  for (int code = -128; code != 128; ++code) {
    bool const obeyed = (code >= 0 && code < ' ' && code != '\t') || code == 127;
    BOOST_TEST(is_control(static_cast<char>(code)) == obeyed, code);
  }
}

BOOST_AUTO_TEST_CASE(errno_is_kept) {
  errno = EXDEV;
  {
    ErrnoGuard const kept;
    errno = 0;
  }
  BOOST_TEST(errno == EXDEV);
}

BOOST_AUTO_TEST_CASE(each_exception_says_something) {
  auto const said = [](auto const& thrown) {
    try {
      throw thrown;
    } catch (...) {
      return describe_current_exception();
    }
  };
  BOOST_TEST(said(std::runtime_error{"no database"}) == "no database");
  BOOST_TEST(said(3) == "an exception that is no std::exception");
}

BOOST_AUTO_TEST_CASE(what_a_child_writes_its_parent_reads) {
  auto const shared = share<int[]>(1'000);
  BOOST_TEST_REQUIRE(static_cast<bool>(shared));
  BOOST_TEST(shared[999] == 0);
  pid_t const child = ::fork();
  if (child == 0) {
    shared[999] = 4711;
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  BOOST_TEST(shared[999] == 4711);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_shared_is_null) {
  BOOST_TEST(!share<char[]>(std::numeric_limits<std::size_t>::max() / 2));
  BOOST_TEST(errno == ENOMEM);
}

BOOST_AUTO_TEST_SUITE_END()
