// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include "folder.hpp"
#include "print.hpp"

import forksafe;

using namespace forksafe;
using namespace std::string_view_literals;
namespace data = boost::unit_test::data;

// The text of a file, row by row: what is read from it, or why it is refused.
namespace {

struct Reading {
  std::string_view name, text, key, value;
};

constexpr Reading lines[]{
    {"a value of several lines", "[app:main]\na =\n  one\n\n  # no value\n\ttwo\n", "a", "\none\n\ntwo"},
    {"a line that looks like a key", "[app:main]\na = 1\n  b = 2\n", "a", "1\nb = 2"},
    {"empty lines at the end", "[app:main]\na = 1\n\n\n", "a", "1"},
    {"comments within a value", "[app:main]\na = x ; y # z\n", "a", "x ; y # z"},
    {"separators within a value", "[app:main]\na=b:c=d\n", "a", "b:c=d"},
    {"a blank within a key", "[app:main]\na b : c\n", "a b", "c"},
    {"a comment after a section", "[app:main] ; main\na =\n", "a", ""},
    {"blanks around a section", "[app: main ]\na = 1", "a", "1"},
    {"a file of Windows", "\xef\xbb\xbf[app:main]\r\na = 1\r\n  2\r\n", "a", "1\n2"},
    {"ends of lines of old", "[app:main]\ra = 1\r", "a", "1"},
    {"UTF-8", "[app:main]\na = caf\xc3\xa9\n", "a", "caf\xc3\xa9"},
    {"a section of defaults in two parts", "[DEFAULT]\na = 1\n[DEFAULT]\nb = 2\n[app:main]\n", "b", "2"},
};

constexpr Reading pipelines[]{
    {"a pipeline", "[pipeline:main]\npipeline = log\n  shop\n[app:shop]\na = 1\n", "a", "1"},
    {"a filter with its application", "[filter-app:main]\nuse = egg:log\nnext = shop\n[app:shop]\na = 1\n", "a", "1"},
};

/// The message begins with `start` and contains `part`.
struct Refusal {
  std::string_view name, text, start, part = "";
};

constexpr Refusal malformed[]{
    {"a key before any section", "a = 1\n", "shop.ini:1: ", "[app:main]"},
    {"a line that is no setting", "[app:main]\n\njunk\n", "shop.ini:3: "},
    {"a value without a key", "[app:main]\n= 1\n", "shop.ini:2: "},
    {"a section without a name", "[app:main]\n[]\n", "shop.ini:2: "},
    {"a key twice", "[app:main]\na = 1\nb = 2\na = 3\n", "shop.ini:4: ", "shop.ini:2"},
    {"a section twice", "[app:main]\na = 1\n[app:main]\n", "shop.ini:3: ", "shop.ini:1"},
    {"a default twice", "[DEFAULT]\na = 1\n[DEFAULT]\na = 2\n[app:main]\n", "shop.ini:4: ", "shop.ini:2"},
    {"no UTF-8", "[app:main]\na = caf\xe9\n", "shop.ini:2: is not UTF-8"},
    {"a NUL byte", "[app:main]\na = \0\n"sv, "shop.ini:2: has a NUL byte"},
    {"an empty file", "", "shop.ini: has no section"},
};

constexpr Refusal references[]{
    {"a key that is not there", "[app:main]\na = %(b)s\n", "shop.ini:2: 'a' refers to 'b'"},
    {"a circle", "[app:main]\na = %(b)s\nb = %(a)s\n", "shop.ini:2: ", "circle"},
    {"a single percent sign", "[app:main]\n\na = 50% off\n", "shop.ini:3: ", "write %%"},
    {"a reference without an end", "[app:main]\na = %(b\nb = 1\n", "shop.ini:2: ", "write %%"},
    {"a reference without a name", "[app:main]\na = %()s\n", "shop.ini:2: ", "write %%"},
    {"get of a key that is not there", "[app:main]\nget a = b\n", "shop.ini:2: ", "'b'"},
};

constexpr Refusal broken_pipelines[]{
    {"a pipeline of nothing", "[pipeline:main]\n", "shop.ini:1: ", "pipeline = NAME"},
    {"a pipeline of what is not there", "[pipeline:main]\npipeline = x\na = 1\n", "shop.ini:1: ", "[app:NAME]"},
    {"a composite", "[composite:main]\n/ = shop\n[app:shop]\n", "shop.ini:1: ", "shop.ini#NAME"},
    {"an application and a pipeline of one name", "[app:main]\n[pipeline:main]\n", "shop.ini:2: ", "at "},
};

struct Choice {
  std::string_view name, value;
};

constexpr Choice sections[]{{"shop.ini", "1"}, {"shop.ini#main", "1"}, {"shop.ini#other", "2"}, {"shop.ini#old", "4"}};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings, Folder)

BOOST_DATA_TEST_CASE(lines_are_read_as_config_parser_reads_them, data::make(lines), reading) {
  BOOST_TEST(value(reading.text, reading.key) == reading.value);
}

BOOST_DATA_TEST_CASE(a_pipeline_stands_for_its_last_application, data::make(pipelines), reading) {
  BOOST_TEST(value(reading.text, reading.key) == reading.value);
}

BOOST_DATA_TEST_CASE(malformed_text_is_refused_with_its_line, data::make(malformed), refusal) {
  BOOST_TEST(refuses(refusal.text, refusal.start, refusal.part));
}

BOOST_DATA_TEST_CASE(bad_references_are_refused, data::make(references), refusal) {
  BOOST_TEST(refuses(refusal.text, refusal.start, refusal.part));
}

BOOST_DATA_TEST_CASE(a_broken_pipeline_is_refused, data::make(broken_pipelines), refusal) {
  BOOST_TEST(refuses(refusal.text, refusal.start, refusal.part));
}

BOOST_DATA_TEST_CASE(the_section_is_chosen_by_name, data::make(sections), section) {
  write("shop.ini", "[app:main]\na = 1\n[app:other]\na = 2\n[server:main]\na = 3\n[application:old]\na = 4\n");
  BOOST_TEST(read(std::string{section.name}).get("a", "") == section.value);
}

BOOST_AUTO_TEST_SUITE_END()
