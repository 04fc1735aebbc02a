// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>
module forksafe.standalone.binding;

import forksafe.base;

namespace program_options = boost::program_options;

namespace forksafe::standalone {
namespace {

constexpr std::string_view see_help = "; --help lists the options";

/// Names must be written out, so that a new option changes the meaning of no abbreviation.
constexpr int style = [] {
  using namespace program_options::command_line_style;
  return allow_long | long_allow_adjacent | long_allow_next | allow_short | allow_dash_for_short | short_allow_next;
}();

program_options::options_description all_options() {
  program_options::options_description options;
  auto const add = [&](std::string_view name, std::string_view value, std::string_view help) {
    auto* const text = program_options::value<std::string>()->value_name(std::string{value});
    options.add_options()(std::string{name}.c_str(), text, std::string{help}.c_str());
  };
  for (OptionTraits const& option : option_traits)
    add(option.name, option.value, base::concat(option.help, " (", option.otherwise, ")"));
  add("settings", "FILE[#NAME]", "the ini file with the application's settings, read at start");
  add("set", "NAME=VALUE", "one setting; may be repeated");
  options.add_options()("help,h", "this page")("version", "the version");
  return options;
}

program_options::parsed_options parse(std::span<char const* const> arguments) {
  using Syntax = program_options::invalid_command_line_syntax;
  auto const options = all_options();
  try {
    std::vector<std::string> const given{arguments.begin(), arguments.end()};
    return program_options::command_line_parser{given}.options(options).style(style).run();
  } catch (Syntax const& error) {
    std::string const name = error.get_option_name();
    if (error.kind() == Syntax::extra_parameter)
      throw UsageError{base::concat(name, " takes no value: leave out what is written after its name")};
    auto const* const known = options.find_nothrow(name.substr(2), false);
    std::string const form = known == nullptr ? "VALUE" : known->semantic()->name();
    throw UsageError{base::concat(name, " needs a value: write ", name, " ", form)};
  } catch (program_options::error_with_option_name const& error) {
    throw UsageError{base::concat("unknown option '", error.get_option_name(), "'", see_help)};
  }
}

void read_setting(CommandLine& line, std::string_view assignment) {
  auto const equals = assignment.find('=');
  if (equals == assignment.npos || equals == 0)
    throw UsageError{base::concat("--set ", assignment, ": not NAME=VALUE - write --set shop.url=https://shop.example")};
  line.settings.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
}

void read_server_option(CommandLine& line, std::string_view name, std::string const& value) {
  auto const option = std::ranges::find(option_traits, name, &OptionTraits::name);
  try {
    if (option->most != 0) static_cast<void>(parse_number(*option, value));
  } catch (std::invalid_argument const& error) {
    throw UsageError{base::concat("--", name, " is ", error.what())};
  }
  line.values[static_cast<std::size_t>(option - option_traits.begin())] = value;
}

}  // namespace

CommandLine read_command_line(std::span<char const* const> given) {
  CommandLine line;
  for (auto const& option : parse(given).options) {
    auto const& [name, values] = std::tie(option.string_key, option.value);
    if (name == "help") {
      line.help = true;
    } else if (name == "version") {
      line.version = true;
    } else if (name == "settings") {
      line.location = values.front();
    } else if (name == "set") {
      read_setting(line, values.front());
    } else if (name.empty()) {
      throw UsageError{base::concat("unknown option '", values.front(), "'", see_help)};
    } else {
      read_server_option(line, name, values.front());
    }
  }
  return line;
}

std::string usage(std::string_view program) {
  std::ostringstream page;
  page << "usage: " << program << " [OPTION...]\n\nServes the application by pre-forked workers.\n\n"
       << all_options()
       << "\nEach option that takes a number, and --bind, can be a setting too: standalone.workers = 4\n\n"
          "Signals: TERM and INT stop when all requests are answered, a second one at once; HUP replaces the workers\n"
          "one by one; TTIN and TTOU make one worker more or fewer.\n";
  return page.str();
}

std::string version(std::string_view program) { return base::concat(program, " on forksafe ", FORKSAFE_VERSION, "\n"); }

}  // namespace forksafe::standalone
