// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
module forksafe.standalone.binding;

namespace forksafe::standalone {
namespace {

constexpr std::string_view see_help = "; --help lists the options";

/// Walks over the arguments, one option and its value at a time.
class Arguments {
 public:
  explicit Arguments(std::span<char const* const> arguments) : rest_(arguments) {}

  [[nodiscard]] bool next() {
    if (rest_.empty()) return false;
    std::string_view const argument = rest_.front();
    rest_ = rest_.subspan(1);
    auto const equals = argument.starts_with("--") ? argument.find('=') : argument.npos;
    name_ = argument.substr(0, equals);
    has_value_ = equals != argument.npos;
    value_ = has_value_ ? argument.substr(equals + 1) : std::string_view{};
    return true;
  }

  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  [[nodiscard]] bool flag(std::string_view wanted) const {
    if (name_ != wanted) return false;
    if (has_value_) throw UsageError{text(name_, " takes no value: leave out '=", value_, "'")};
    return true;
  }

  [[nodiscard]] std::string_view value(std::string_view form) {
    if (has_value_) return value_;
    if (rest_.empty()) throw UsageError{text(name_, " needs a value: write ", name_, " ", form)};
    value_ = rest_.front();
    rest_ = rest_.subspan(1);
    return value_;
  }

 private:
  std::span<char const* const> rest_;
  std::string_view name_{};
  std::string_view value_{};
  bool has_value_ = false;
};

void read_setting(CommandLine& line, std::string_view assignment) {
  auto const equals = assignment.find('=');
  if (equals == assignment.npos || equals == 0)
    throw UsageError{text("--set ", assignment, ": no NAME=VALUE - write --set shop.url=https://shop.example")};
  line.settings.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
}

void read_server_option(CommandLine& line, Arguments& arguments) {
  std::string_view const name = arguments.name();
  auto const known = std::ranges::find_if(option_traits, [&](OptionTraits const& option) {
    return name.starts_with("--") && name.substr(2) == option.name;
  });
  if (known == option_traits.end()) throw UsageError{text("unknown option '", name, "'", see_help)};
  std::string_view const value = arguments.value(known->value);
  try {
    if (known->most != 0) static_cast<void>(number_of(*known, value));
  } catch (std::invalid_argument const& error) {
    throw UsageError{text(name, " is ", error.what())};
  }
  line.values[static_cast<std::size_t>(known - option_traits.begin())] = value;
}

void add_help(std::string& page, std::string_view option, std::string_view explanation) {
  std::size_t const gap = option.size() < 24 ? 24 - option.size() : 1;
  page.append("  ").append(option).append(gap, ' ').append(explanation).append("\n");
}

}  // namespace

CommandLine read_command_line(std::span<char const* const> given) {
  CommandLine line;
  Arguments arguments{given};
  while (arguments.next()) {
    if (arguments.flag("--help") || arguments.flag("-h")) {
      line.help = true;
    } else if (arguments.flag("--version")) {
      line.version = true;
    } else if (arguments.name() == "--settings") {
      line.location = arguments.value("FILE[#NAME]");
    } else if (arguments.name() == "--set") {
      read_setting(line, arguments.value("KEY=VALUE"));
    } else {
      read_server_option(line, arguments);
    }
  }
  return line;
}

std::string usage(std::string_view program) {
  std::string page = text("usage: ", program, " [OPTION...]\n\nServes the application by pre-forked workers.\n\n");
  for (OptionTraits const& option : option_traits)
    add_help(page, text("--", option.name, " ", option.value), text(option.help, " (", option.otherwise, ")"));
  add_help(page, "--settings FILE[#NAME]", "the ini file with the application's settings, read at start");
  add_help(page, "--set KEY=VALUE", "one setting; may be repeated");
  add_help(page, "--help", "this page");
  add_help(page, "--version", "the version");
  page += "\nEach option that takes a number, and --bind, can be a setting too: standalone.workers = 4\n\n"
          "Signals: TERM and INT stop when all requests are answered, a second one at once; HUP replaces the workers\n"
          "one by one; TTIN and TTOU make one worker more or fewer.\n";
  return page;
}

std::string version(std::string_view program) { return text(program, " on forksafe ", FORKSAFE_VERSION, "\n"); }

}  // namespace forksafe::standalone
