// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:options;

import forksafe;
import forksafe.std;

namespace forksafe::standalone {

/// The command line is wrong; what() names the option and the cure.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The options of the server: --NAME on the command line, or standalone.NAME in the settings.
enum class Option : std::uint8_t { bind, workers, timeout, drain, start_timeout, read_timeout, max_body, max_requests };

struct OptionTraits {
  std::string_view name;
  std::string_view value;
  std::string_view otherwise;
  std::string_view help;
  /// The limits of a number; both 0 for a text.
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

inline constexpr std::array<OptionTraits, 8> option_traits{{
    {"bind", "HOST:PORT", "127.0.0.1:8000", "where to listen; [ADDRESS]:PORT for IPv6, port 0 for any free one"},
    {"workers", "N", "1", "how many workers serve", 1, 256},
    {"timeout", "SECONDS", "30", "how long a request may take before its worker is ended and replaced", 1, 86'400},
    {"drain", "SECONDS", "10", "how long a leaving worker may take to finish what it has", 1, 86'400},
    {"start-timeout", "SECONDS", "60", "how long a worker may take until it is ready", 1, 86'400},
    {"read-timeout", "SECONDS", "10", "how long a client may take to send a request's header", 1, 86'400},
    {"max-body", "BYTES", "1048576", "the longest body of a request", 0, std::uint64_t{1} << 40},
    {"max-requests", "N", "0", "after how many requests a worker is replaced; 0 for never", 0, std::uint64_t{1} << 40},
}};

struct CommandLine {
  std::array<std::optional<std::string>, option_traits.size()> values{};
  std::vector<std::pair<std::string, std::string>> settings{};
  std::string location{};
  bool help = false;
  bool version = false;
};

/// Throws UsageError. Takes `--name value` and `--name=value`.
[[nodiscard]] CommandLine read_command_line(std::span<char const* const> arguments);
[[nodiscard]] std::string usage(std::string_view program);
[[nodiscard]] std::string version(std::string_view program);

struct Options {
  std::string bind{};
  int workers = 1;
  std::chrono::seconds timeout{};
  std::chrono::seconds drain{};
  std::chrono::seconds start_timeout{};
  std::chrono::seconds read_timeout{};
  std::uint64_t max_body = 0;
  std::uint64_t max_requests = 0;
};

/// Returns a number within the limits of the option. Throws std::invalid_argument, which says what is wrong with the text.
[[nodiscard]] std::uint64_t parse_number(OptionTraits const& option, std::string_view text);

/// Takes each option from the command line, else from the settings, else its default, and puts it into the settings.
/// Throws SettingsError.
[[nodiscard]] Options choose_options(CommandLine const& command_line, Settings& settings);

}  // namespace forksafe::standalone
