// SPDX-License-Identifier: MIT
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

BOOST_AUTO_TEST_SUITE(page_of_containers)

BOOST_AUTO_TEST_CASE(its_table_is_what_the_policies_say) {
  BOOST_TEST(content_of(FORKSAFE_PAGE_OF_CONTAINERS).find(table()) != std::string::npos, "policies/README.md must contain:\n"
                                                                                             << table());
}

BOOST_AUTO_TEST_SUITE_END()
