// SPDX-License-Identifier: MIT
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

import forksafe;
import forksafe.celery;
import forksafe.gunicorn;
import forksafe.standalone;
import forksafe.uwsgi;

using namespace forksafe;

namespace {

template <class Policy>
std::string cell(std::size_t event) {
  std::string text;
  int hooks = 0;
  for (Wire const& wire : Policy::wiring) {
    if (wire.event != event || ++hooks > 3) continue;
    if (hooks == 3) {
      text += ", ...";
      continue;
    }
    std::string const hook = wire.support == Support::absent ? "never" : "`" + std::string{wire.hook} + "`";
    text += (text.empty() ? "" : ", ") + (wire.support == Support::emulated ? "*" + hook + "*" : hook);
  }
  return text;
}

std::string content_of(std::filesystem::path const& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The text of all pages for readers, which stand beside the code: README.md and those of the rooms.
std::string pages() {
  std::filesystem::path const root{FORKSAFE_ROOT};
  std::string text = content_of(root / "README.md");
  for (char const* const room : {"modules", "policies", "examples", "tests"})
    for (auto const& entry : std::filesystem::recursive_directory_iterator{root / room})
      if (entry.path().extension() == ".md") text += content_of(entry.path());
  return text;
}

std::string table() {
  std::string text = "| event | uWSGI | gunicorn | Celery | standalone |\n|---|---|---|---|---|\n";
  for (std::size_t event = 0; event != event_count; ++event)
    text += "| " + std::string{event_names[event]} + " | " + cell<UwsgiPolicy>(event) + " | " + cell<GunicornPolicy>(event) +
            " | " + cell<CeleryPolicy>(event) + " | " + cell<StandalonePolicy>(event) + " |\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pages_for_readers)

BOOST_AUTO_TEST_CASE(their_table_is_what_the_policies_say) {
  BOOST_TEST(pages().find(table()) != std::string::npos, "a page must contain:\n" << table());
}

BOOST_AUTO_TEST_CASE(their_code_is_compiled_in_the_examples) {
  std::string examples;
  for (auto const& entry : std::filesystem::recursive_directory_iterator{FORKSAFE_ROOT "/examples"})
    if (entry.is_regular_file() && entry.path().extension() != ".md") examples += content_of(entry.path());
  std::string const text = pages();
  constexpr std::string_view fence = "```cpp\n";
  int blocks = 0;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    std::string const block = text.substr(at, text.find("```", at) - at);
    // A blank line joins passages that are apart in the examples.
    for (std::size_t begin = 0; begin < block.size();) {
      std::size_t const end = std::min(block.find("\n\n", begin), block.size());
      BOOST_TEST(examples.find(block.substr(begin, end - begin)) != std::string::npos, block.substr(begin, end - begin));
      begin = end + 2;
    }
    ++blocks;
  }
  BOOST_TEST(blocks >= 4);
}

BOOST_AUTO_TEST_SUITE_END()
