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

std::string table() {
  std::string text = "| event | uWSGI | gunicorn | Celery | standalone |\n|---|---|---|---|---|\n";
  for (std::size_t event = 0; event != event_count; ++event)
    text += "| " + std::string{event_names[event]} + " | " + cell<UwsgiPolicy>(event) + " | " + cell<GunicornPolicy>(event) +
            " | " + cell<CeleryPolicy>(event) + " | " + cell<StandalonePolicy>(event) + " |\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(readme)

BOOST_AUTO_TEST_CASE(its_table_is_what_the_policies_say) {
  BOOST_TEST(content_of(FORKSAFE_README).find(table()) != std::string::npos, "README.md must contain:\n" << table());
}

BOOST_AUTO_TEST_CASE(its_code_is_compiled_in_the_examples) {
  std::string examples;
  for (auto const& entry : std::filesystem::recursive_directory_iterator{FORKSAFE_EXAMPLES})
    if (entry.is_regular_file()) examples += content_of(entry.path());
  std::string const readme = content_of(FORKSAFE_README);
  constexpr std::string_view fence = "```cpp\n";
  int blocks = 0;
  for (std::size_t at = readme.find(fence); at != std::string::npos; at = readme.find(fence, at)) {
    at += fence.size();
    std::string const block = readme.substr(at, readme.find("```", at) - at);
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
