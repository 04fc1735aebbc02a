// SPDX-License-Identifier: MIT
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {

std::uint64_t parse_number(OptionTraits const& option, std::string_view written) {
  std::uint64_t number = 0;
  auto const [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
  if (error == std::errc{} && end == written.data() + written.size() && number >= option.least && number <= option.most)
    return number;
  throw std::invalid_argument{base::concat("'", written, "' - give a whole number from ", option.least, " to ", option.most)};
}

Options choose_options(CommandLine const& command_line, Settings& settings) {
  std::string chosen[option_traits.size()];
  std::uint64_t numbers[option_traits.size()]{};
  for (std::size_t index = 0; index != option_traits.size(); ++index) {
    OptionTraits const& option = option_traits[index];
    auto const key = base::concat("standalone.", option.name);
    settings.expect(key);
    Setting const* const setting = settings.find(key);
    std::string source = setting == nullptr ? "default" : setting->source;
    chosen[index] = setting == nullptr ? option.otherwise : setting->value;
    if (auto const& given = command_line.values[index]) {
      chosen[index] = *given;
      source = base::concat("--", option.name);
    }
    try {
      if (option.most != 0) numbers[index] = parse_number(option, chosen[index]);
    } catch (std::invalid_argument const& error) {
      throw SettingsError(base::concat(source, ": ", key, " is ", error.what()));
    }
    settings.set(key, chosen[index], source);
  }
  auto const number = [&](Option option) { return numbers[static_cast<std::size_t>(option)]; };
  auto const seconds = [&](Option option) { return std::chrono::seconds{number(option)}; };
  return {chosen[static_cast<std::size_t>(Option::bind)],
          static_cast<int>(number(Option::workers)),
          seconds(Option::timeout),
          seconds(Option::drain),
          seconds(Option::start_timeout),
          seconds(Option::read_timeout),
          number(Option::max_body),
          number(Option::max_requests)};
}

}  // namespace forksafe::standalone
