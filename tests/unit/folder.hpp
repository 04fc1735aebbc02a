// SPDX-License-Identifier: MIT
#pragma once
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
import forksafe;

/// A directory that exists during one test case.
struct Folder {
  Folder() : path(::mkdtemp(pattern.data())) { std::filesystem::create_directory(path + "/sub"); }
  ~Folder() { std::filesystem::remove_all(path); }

  void write(std::string const& name, std::string_view text) const {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
  }
  forksafe::Settings read(std::string const& location) const { return forksafe::Settings::from_file(path + "/" + location); }
  forksafe::Settings parse(std::string_view text) const {
    write("shop.ini", text);
    return read("shop.ini");
  }
  std::string value(std::string_view text, std::string_view key) const { return std::string(parse(text).get(key, "?")); }

  /// Returns the error of a file, without the path of the folder.
  std::string error(std::string const& location) const {
    try {
      static_cast<void>(read(location));
    } catch (forksafe::SettingsError const& error) {
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
