// SPDX-License-Identifier: MIT
module;
#include <cstdio>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

constexpr int could_not_start = 1;
constexpr int wrong_usage = 2;

void print(std::string const& page) { std::fwrite(page.data(), 1, page.size(), stdout); }

/// Loads the application before it opens the socket, so that no client loses a connection if the application fails.
void start(binding::ErasedApplication const& table, std::string_view name, CommandLine const& command_line) {
  Hosted hosted{table};
  HostedApplication& application = hosted.make(name);
  application.configure(command_line.location);
  Settings& settings = application.registry().settings();
  for (auto const& [key, value] : command_line.settings) settings.set(key, value, "--set");
  Options const options = choose_options(command_line, settings);
  application.mark_configured();

  Facts starting = in_master();
  starting.app_loaded = false;
  hosted.raise<"server_starting", ApplicationServerStarting>(starting);
  hosted.load();
  Listener const listener = hosted.handles_requests() ? listen_on(options.bind) : Listener{};
  supervise(hosted, options, listener);
}

}  // namespace

int run(binding::ErasedApplication const& table, std::string_view name, int argument_count, char** arguments) {
  BlockedSignals::outlive_broken_pipes();
  try {
    auto const given = std::span<char const* const>{arguments, static_cast<std::size_t>(argument_count)};
    CommandLine const command_line = read_command_line(given.subspan(given.empty() ? 0 : 1));
    if (command_line.help) {
      print(usage(name));
    } else if (command_line.version) {
      print(version(name));
    } else {
      start(table, name, command_line);
    }
    return 0;
  } catch (UsageError const& error) {
    log_line(base::concat(name, ": ", error.what()));
    return wrong_usage;
  } catch (...) {
    log_line(base::concat(name, ": ", base::describe_current_exception()));
  }
  return could_not_start;
}

}  // namespace forksafe::standalone
