// SPDX-License-Identifier: MIT
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "folder.hpp"

import forksafe;

using namespace forksafe;

BOOST_FIXTURE_TEST_SUITE(settings, Folder)

BOOST_AUTO_TEST_CASE(a_value_knows_its_line) {
  auto const shop = parse("[app:main]\n# colours\ncolour = green\n\n; size\nsize: 3\n");
  BOOST_TEST(shop.find("colour")->value == "green");
  BOOST_TEST(shop.find("colour")->source == path + "/shop.ini:3");
  BOOST_TEST(shop.find("size")->source == path + "/shop.ini:6");
  BOOST_TEST(shop.find("weight") == nullptr);
  BOOST_TEST(!shop.get("weight").has_value());
  BOOST_TEST(shop.get("weight", "light") == "light");
}

BOOST_AUTO_TEST_CASE(keys_keep_their_case) {
  auto const shop = parse("[app:main]\nDebug = 1\ndebug = 2\n");
  BOOST_TEST(shop.get("Debug", "") == "1");
  BOOST_TEST(shop.get("debug", "") == "2");
}

BOOST_AUTO_TEST_CASE(a_section_may_stand_in_the_address) {
  write("shop.ini", "[app:main]\na = 1\n[app:other]\na = 2\n[server:main]\na = 3\n[application:old]\na = 4\n");
  BOOST_TEST(Settings::from_file("config:" + path + "/shop.ini#other").get("a", "") == "2");
  BOOST_TEST(error("shop.ini#none").starts_with("shop.ini: has no section [app:none] - "));
  BOOST_TEST(error("shop.ini#").starts_with("shop.ini: has no section [app:]"));
}

BOOST_AUTO_TEST_CASE(default_values_are_inherited_and_changed_by_set_only) {
  auto const shop = parse("[DEFAULT]\na = 1\nb = 1\n[app:main]\na = 2\nset b = 2\nc = %(a)s%(b)s\nget d = b\n");
  BOOST_TEST(shop.get("a", "") == "1");
  BOOST_TEST(shop.get("b", "") == "2");
  BOOST_TEST(shop.get("c", "") == "21");
  BOOST_TEST(shop.get("d", "") == "2");
  BOOST_TEST(shop.find("a")->source == path + "/shop.ini:2");
  BOOST_TEST(shop.find("b")->source == path + "/shop.ini:6");
  BOOST_TEST(shop.find("d")->source == path + "/shop.ini:6");
}

BOOST_AUTO_TEST_CASE(references_are_resolved) {
  BOOST_TEST(value("[app:main]\na = %(here)s/x\n", "a") == path + "/x");
  BOOST_TEST(value("[app:main]\na = %(__file__)s\n", "a") == path + "/shop.ini");
  BOOST_TEST(value("[DEFAULT]\nb = 1\n[app:main]\na = %(c)s%(b)s\nc = <%(b)s>\n", "a") == "<1>1");
  BOOST_TEST(value("[app:main]\na = 50%% %%(b)s\n", "a") == "50% %(b)s");
  BOOST_TEST(read("sub/../shop.ini").get("here", "") == path);
}

BOOST_AUTO_TEST_CASE(references_do_not_grow_beyond_measure) {
  std::string laughs = "[app:main]\nf = x\n";
  for (char key = 'a'; key != 'f'; ++key) {
    laughs += std::string(1, key) + " =";
    for (int count = 0; count != 100; ++count) laughs += std::string(" %(") + static_cast<char>(key + 1) + ")s";
    laughs += '\n';
  }
  BOOST_TEST(refuses(laughs, "shop.ini:3: 'a' grows beyond 64 KiB"));
  std::string many = "[DEFAULT]\nbig = " + std::string(60 * 1024, 'x') + "\n[app:main]\n";
  for (int key = 0; key != 300; ++key) many += "a" + std::to_string(key) + " = %(big)s\n";
  BOOST_TEST(refuses(many, "shop.ini:", "the values grow beyond 16 MiB"));
}

BOOST_AUTO_TEST_CASE(use_puts_another_section_beneath) {
  write("base.ini", "[DEFAULT]\nlevel = low\n[app:shop]\nuse = egg:shop\na = %(here)s\nb = base\nlevel = ignored\n");
  write("sub/live.ini", "[DEFAULT]\nlevel = 90%%\n[app:main]\nuse = config:../base.ini#shop\nb = live\n");
  auto const live = read("sub/live.ini");
  BOOST_TEST(live.get("a", "") == path);
  BOOST_TEST(live.get("b", "") == "live");
  BOOST_TEST(live.get("level", "") == "90%");
  BOOST_TEST(live.get("use", "") == "egg:shop");
  BOOST_TEST(live.get("here", "") == path + "/sub");
  BOOST_TEST(live.get("__file__", "") == path + "/sub/live.ini");
  BOOST_TEST(live.find("a")->source == path + "/base.ini:5");
  BOOST_TEST(value("[app:main]\nuse = one\na = 1\n[app:one]\na = 2\nb = 2\n", "a") == "1");
  BOOST_TEST(read("shop.ini").get("b", "") == "2");
  BOOST_TEST(!read("shop.ini").get("use").has_value());
}

BOOST_AUTO_TEST_CASE(a_broken_chain_of_use_is_shown) {
  write("two.ini", "[app:main]\nuse = config:sub/../shop.ini\n");
  BOOST_TEST(refuses("[app:main]\nuse = config:two.ini\n", "shop.ini:1: ", "(used at two.ini:2) (used at shop.ini:2)"));
  BOOST_TEST(refuses("[app:main]\nuse = main\n", "shop.ini:1: ", "circle"));
  BOOST_TEST(refuses("[app:main]\nuse = config:gone.ini\n", "gone.ini: No such file", "(used at shop.ini:2)"));
  write("two.ini", "[app:main]\njunk\n");
  BOOST_TEST(refuses("[app:main]\nuse = config:two.ini\n", "two.ini:2: ", "(used at shop.ini:2)"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_says_why) {
  BOOST_TEST(error("gone.ini").starts_with("gone.ini: No such file or directory - "));
  BOOST_TEST(error("sub").starts_with("sub: is a directory - "));
  ::mkfifo((path + "/fifo").c_str(), 0600);
  BOOST_TEST(error("fifo").starts_with("fifo: is not a regular file - "));
  BOOST_TEST(refuses(std::string(1024 * 1024 + 1, '#'), "shop.ini: is larger than 1 MiB"));
  BOOST_TEST(refuses(std::string(1024 * 1024, '#'), "shop.ini: has no section"));
}

boost::test_tools::assertion_result is_bound_by_permissions(boost::unit_test::test_unit_id) {
  bool const was_root = ::geteuid() == 0;
  bool const bound = !was_root || ::seteuid(65534) == 0;
  if (was_root && bound) BOOST_REQUIRE(::seteuid(0) == 0);
  boost::test_tools::assertion_result result{bound};
  if (!bound) result.message() << "root may read everything, and cannot become another user here";
  return result;
}

BOOST_AUTO_TEST_CASE(a_forbidden_file_names_the_user, *boost::unit_test::precondition(is_bound_by_permissions)) {
  write("shop.ini", "[app:main]\n");
  ::chmod(path.c_str(), 0755);
  ::chmod((path + "/shop.ini").c_str(), 0);
  bool const changed = ::geteuid() == 0;
  if (changed) BOOST_REQUIRE(::seteuid(65534) == 0);
  auto const message = error("shop.ini");
  auto const user = std::to_string(::geteuid());
  if (changed) BOOST_REQUIRE(::seteuid(0) == 0);
  BOOST_TEST(message.starts_with("shop.ini: Permission denied for user id " + user));
}

BOOST_AUTO_TEST_CASE(a_later_source_wins_under_every_spelling) {
  auto shop = parse("[app:main]\ndatabase.url = file\nDatabase-Url = file\n");
  char const* const environment[] = {
      "SHOP_DATABASE_URL=a=b", "SHOP_NEW_KEY=1", "SHOP_=x", "SHOP", "SHOPS_A=1", "shop_b=1", "MY_SHOP_2_C=1", "=x", nullptr};
  shop.add_environment("shop", environment);
  BOOST_TEST(shop.get("database.url", "") == "a=b");
  BOOST_TEST(shop.get("Database-Url", "") == "a=b");
  BOOST_TEST(shop.get("DATABASE_URL", "") == "a=b");
  BOOST_TEST(shop.find("database.url")->source == "environment SHOP_DATABASE_URL");
  BOOST_TEST(shop.find("new_key")->key == "new_key");
  BOOST_TEST(shop.get("new.key", "") == "1");
  BOOST_TEST(shop.all().size() == 5u);
  shop.add_environment("my-shop.2", environment);
  BOOST_TEST(shop.find("c")->source == "environment MY_SHOP_2_C");
  shop.add_environment("", environment);
  shop.add_environment("shop", nullptr);
  BOOST_TEST(shop.all().size() == 6u);
  shop.set("database_url", "option", "uWSGI --set database_url");
  BOOST_TEST(shop.get("database.url", "") == "option");
  BOOST_TEST(shop.find("database.url")->source == "uWSGI --set database_url");
}

BOOST_AUTO_TEST_CASE(settings_are_in_the_order_of_their_keys) {
  Settings shop;
  for (auto const* key : {"c", "a", "d", "b"}) shop.set(key, key, "test");
  shop.set("a", *shop.get("d"), shop.find("d")->source);
  std::string order;
  for (auto const& setting : shop.all()) order += setting.key + setting.value;
  BOOST_TEST(order == "adbbccdd");
}

BOOST_AUTO_TEST_CASE(a_setting_that_nothing_reads_is_said_with_the_one_that_was_meant) {
  auto shop = parse("[app:main]\npage.pathh = /x\npage.size = 20\npage_size = 20\npage-alow = any\nPage.Path = /y\n"
                    "wokers = 3\npages.path = 1\n");
  BOOST_TEST(shop.unread().empty());
  for (auto const* key : {"page.path", "page.allow", "page.path"}) shop.expect(key);
  auto const lines = shop.unread();
  BOOST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[0] == path + "/shop.ini:5: nothing reads page-alow: did you mean page.allow?");
  BOOST_TEST(lines[1] == path + "/shop.ini:2: nothing reads page.pathh: did you mean page.path?");
  BOOST_TEST(lines[2].starts_with(path + "/shop.ini:3: nothing reads page.size: "));
  shop.set("page.size", "1", "test");
  BOOST_TEST(shop.unread().size() == 3u);
  shop.expect("page.size");
  BOOST_TEST(shop.unread().size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_error_is_one_line_with_its_cure_whatever_it_cites) {
  using namespace std::string_view_literals;
  BOOST_TEST(SettingsError{std::string{"shop.ini:1: 'a\0b\nc' is no port - write a number"sv}}.what() ==
             std::string{"shop.ini:1: 'a?b?c' is no port - write a number"});
}

BOOST_AUTO_TEST_CASE(a_value_of_percent_signs_costs_what_its_length_says) {
  auto const cost = [this](std::size_t size) {
    write("shop.ini", "[app:main]\na = " + std::string(size, '%') + "\n");
    double least = 1e9;
    for (int count = 0; count != 3; ++count) {
      timespec start{}, end{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
      BOOST_TEST(read("shop.ini").get("a", "").size() == size / 2);
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
      least = std::min(
          least, static_cast<double>(end.tv_sec - start.tv_sec) + static_cast<double>(end.tv_nsec - start.tv_nsec) * 1e-9);
    }
    return least;
  };
  auto const small = cost(60 * 1024);
  // Sixteen times the time is linear, 256 times is quadratic.
  BOOST_TEST(cost(16 * 60 * 1024) < 64 * small + 1e-3);
}

BOOST_AUTO_TEST_SUITE_END()
