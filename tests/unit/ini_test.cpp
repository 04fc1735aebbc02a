// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

import forksafe;

using namespace forksafe;

namespace {

/// Returns the value of k0, which refers through so many keys to the last one, or the error.
std::string end_of_chain(int keys) {
  auto pattern = (std::filesystem::temp_directory_path() / "forksafe-ini-XXXXXX").string();
  std::filesystem::path const folder = ::mkdtemp(pattern.data());
  std::ofstream file{folder / "shop.ini"};
  file << "[app:main]\n";
  for (int key = 0; key != keys - 1; ++key) file << 'k' << key << " = %(k" << key + 1 << ")s\n";
  file << 'k' << keys - 1 << " = end\n";
  file.close();
  std::string result;
  try {
    result = Settings::from_file((folder / "shop.ini").string()).get("k0", "nothing");
  } catch (SettingsError const& error) {
    result = error.what();
  }
  std::filesystem::remove_all(folder);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(a_reference_leads_through_ten_values_and_no_further) {
  BOOST_TEST(end_of_chain(10) == "end");
  BOOST_TEST(end_of_chain(11).find("leads through more than 10 %(name)s") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
