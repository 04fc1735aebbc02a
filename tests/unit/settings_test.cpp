// SPDX-License-Identifier: MIT
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

import forksafe;

using namespace forksafe;

namespace {

/// A directory that lives as long as one test case.
struct Folder {
  Folder() : path(::mkdtemp(pattern.data())) { std::filesystem::create_directory(path + "/sub"); }
  ~Folder() { std::filesystem::remove_all(path); }

  void write(std::string const& name, std::string_view text) const {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
  }
  Settings read(std::string const& location) const { return Settings::from_file(path + "/" + location); }
  Settings parse(std::string_view text) const {
    write("shop.ini", text);
    return read("shop.ini");
  }
  std::string value(std::string_view text, std::string_view key) const {
    return std::string(parse(text).get(key, "?"));
  }

  /// What is wrong with a file, without the path of the folder.
  std::string error(std::string const& location) const {
    try {
      static_cast<void>(read(location));
    } catch (SettingsError const& error) {
      std::string text = error.what();
      auto const folder = path + "/";
      for (auto at = text.find(folder); at != text.npos; at = text.find(folder)) text.erase(at, folder.size());
      return text;
    }
    return "no error";
  }
  bool refuses(std::string_view text, std::string_view start, std::string_view part = "") const {
    write("shop.ini", text);
    auto const message = error("shop.ini");
    BOOST_TEST_INFO(message);
    return message.starts_with(start) && message.find(part) != message.npos && message.find(" - ") != message.npos;
  }

  std::string pattern = (std::filesystem::temp_directory_path() / "forksafe-settings-XXXXXX").string();
  std::string const path;
};

}  // namespace

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

BOOST_AUTO_TEST_CASE(lines_are_read_as_config_parser_reads_them) {
  BOOST_TEST(value("[app:main]\na =\n  one\n\n  # no value\n\ttwo\n", "a") == "\none\n\ntwo");
  BOOST_TEST(value("[app:main]\na = 1\n  b = 2\n", "a") == "1\nb = 2");
  BOOST_TEST(value("[app:main]\na = 1\n\n\n", "a") == "1");
  BOOST_TEST(value("[app:main]\na = x ; y # z\n", "a") == "x ; y # z");
  BOOST_TEST(value("[app:main]\na=b:c=d\n", "a") == "b:c=d");
  BOOST_TEST(value("[app:main]\na b : c\n", "a b") == "c");
  BOOST_TEST(value("[app:main] ; main\na =\n", "a") == "");
  BOOST_TEST(value("[app: main ]\na = 1", "a") == "1");
  BOOST_TEST(value("\xef\xbb\xbf[app:main]\r\na = 1\r\n  2\r\n", "a") == "1\n2");
  BOOST_TEST(value("[app:main]\ra = 1\r", "a") == "1");
  BOOST_TEST(value("[app:main]\na = caf\xc3\xa9\n", "a") == "caf\xc3\xa9");
}

BOOST_AUTO_TEST_CASE(keys_keep_their_case) {
  auto const shop = parse("[app:main]\nDebug = 1\ndebug = 2\n");
  BOOST_TEST(shop.get("Debug", "") == "1");
  BOOST_TEST(shop.get("debug", "") == "2");
}

BOOST_AUTO_TEST_CASE(the_section_is_chosen_by_name) {
  write("shop.ini", "[app:main]\na = 1\n[app:other]\na = 2\n[server:main]\na = 3\n[application:old]\na = 4\n");
  BOOST_TEST(read("shop.ini").get("a", "") == "1");
  BOOST_TEST(read("shop.ini#main").get("a", "") == "1");
  BOOST_TEST(read("shop.ini#other").get("a", "") == "2");
  BOOST_TEST(read("shop.ini#old").get("a", "") == "4");
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
  BOOST_TEST(refuses("[app:main]\nget a = b\n", "shop.ini:2: ", "'b'"));
}

BOOST_AUTO_TEST_CASE(references_are_resolved) {
  BOOST_TEST(value("[app:main]\na = %(here)s/x\n", "a") == path + "/x");
  BOOST_TEST(value("[app:main]\na = %(__file__)s\n", "a") == path + "/shop.ini");
  BOOST_TEST(value("[DEFAULT]\nb = 1\n[app:main]\na = %(c)s%(b)s\nc = <%(b)s>\n", "a") == "<1>1");
  BOOST_TEST(value("[app:main]\na = 50%% %%(b)s\n", "a") == "50% %(b)s");
  BOOST_TEST(read("sub/../shop.ini").get("here", "") == path);
}

BOOST_AUTO_TEST_CASE(bad_references_are_refused) {
  BOOST_TEST(refuses("[app:main]\na = %(b)s\n", "shop.ini:2: 'a' refers to 'b'"));
  BOOST_TEST(refuses("[app:main]\na = %(b)s\nb = %(a)s\n", "shop.ini:2: ", "circle"));
  BOOST_TEST(refuses("[app:main]\n\na = 50% off\n", "shop.ini:3: ", "write %%"));
  BOOST_TEST(refuses("[app:main]\na = %(b\nb = 1\n", "shop.ini:2: ", "write %%"));
  BOOST_TEST(refuses("[app:main]\na = %()s\n", "shop.ini:2: ", "write %%"));
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

BOOST_AUTO_TEST_CASE(a_pipeline_stands_for_its_last_application) {
  BOOST_TEST(value("[pipeline:main]\npipeline = log\n  shop\n[app:shop]\na = 1\n", "a") == "1");
  BOOST_TEST(value("[filter-app:main]\nuse = egg:log\nnext = shop\n[app:shop]\na = 1\n", "a") == "1");
  BOOST_TEST(refuses("[pipeline:main]\n", "shop.ini:1: ", "pipeline = NAME"));
  BOOST_TEST(refuses("[pipeline:main]\npipeline = x\na = 1\n", "shop.ini:1: ", "[app:NAME]"));
  BOOST_TEST(refuses("[composite:main]\n/ = shop\n[app:shop]\n", "shop.ini:1: ", "shop.ini#NAME"));
  BOOST_TEST(refuses("[app:main]\n[pipeline:main]\n", "shop.ini:2: ", "at "));
}

BOOST_AUTO_TEST_CASE(malformed_text_is_refused_with_its_line) {
  BOOST_TEST(refuses("a = 1\n", "shop.ini:1: ", "[app:main]"));
  BOOST_TEST(refuses("[app:main]\n\njunk\n", "shop.ini:3: "));
  BOOST_TEST(refuses("[app:main]\n= 1\n", "shop.ini:2: "));
  BOOST_TEST(refuses("[app:main]\n[]\n", "shop.ini:2: "));
  BOOST_TEST(refuses("[app:main]\na = 1\nb = 2\na = 3\n", "shop.ini:4: ", "shop.ini:2"));
  BOOST_TEST(refuses("[app:main]\na = 1\n[app:main]\n", "shop.ini:3: ", "shop.ini:1"));
  BOOST_TEST(refuses("[DEFAULT]\na = 1\n[DEFAULT]\na = 2\n[app:main]\n", "shop.ini:4: ", "shop.ini:2"));
  BOOST_TEST(refuses("[app:main]\na = caf\xe9\n", "shop.ini:2: is not UTF-8"));
  BOOST_TEST(refuses(std::string_view("[app:main]\na = \0\n", 17), "shop.ini:2: has a NUL byte"));
  BOOST_TEST(refuses("", "shop.ini: has no section"));
  BOOST_TEST(value("[DEFAULT]\na = 1\n[DEFAULT]\nb = 2\n[app:main]\n", "b") == "2");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_says_why) {
  BOOST_TEST(error("gone.ini").starts_with("gone.ini: No such file or directory - "));
  BOOST_TEST(error("sub").starts_with("sub: is a directory - "));
  ::mkfifo((path + "/fifo").c_str(), 0600);
  BOOST_TEST(error("fifo").starts_with("fifo: is no regular file - "));
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
  char const* const environment[] = {"SHOP_DATABASE_URL=a=b", "SHOP_NEW_KEY=1", "SHOP_=x", "SHOP", "SHOPS_A=1",
                                     "shop_b=1",              "MY_SHOP_2_C=1",  "=x",     nullptr};
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
  BOOST_TEST(lines[0] == path + "/shop.ini:5: page-alow is read by nothing: did you mean page.allow?");
  BOOST_TEST(lines[1] == path + "/shop.ini:2: page.pathh is read by nothing: did you mean page.path?");
  BOOST_TEST(lines[2].starts_with(path + "/shop.ini:3: page.size is read by nothing: "));
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
      least = std::min(least, static_cast<double>(end.tv_sec - start.tv_sec) + static_cast<double>(end.tv_nsec - start.tv_nsec) * 1e-9);
    }
    return least;
  };
  auto const small = cost(60 * 1024);
  // Sixteen times is in proportion, 256 times is its square.
  BOOST_TEST(cost(16 * 60 * 1024) < 64 * small + 1e-3);
}

BOOST_AUTO_TEST_SUITE_END()
