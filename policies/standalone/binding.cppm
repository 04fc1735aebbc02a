// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding;

export import :board;
export import :hooks;
export import :listener;
export import :options;
export import :reader;
export import :signals;
export import :slots;
export import :supervision;
export import :worker;
import forksafe;
import forksafe.binding;
import forksafe.standalone;
import forksafe.std;

namespace forksafe::standalone {

/// Runs the server of the application; returns the exit status of the program.
int run(binding::ErasedApplication const& table, std::string_view name, int argument_count, char** arguments);

}  // namespace forksafe::standalone

export namespace forksafe::standalone {

/// The whole program: reads the command line, runs the master and its workers, and returns the exit status.
///
/// The exit status is 0 after an orderly stop, 1 where the server could not start, 2 for a wrong command line. Workers
/// never return from here.
template <RunnableApp App>
int run(std::string_view name, int argument_count, char** arguments) {
  static_assert(std::same_as<typename App::policy, StandalonePolicy>,
                "this is the embedded server, and the application is written for another container: name "
                "forksafe::PresetPolicy in it, or build it with FORKSAFE_CONTAINER set to the container of its policy");
  return run(binding::erased<App>, name, argument_count, arguments);
}

}  // namespace forksafe::standalone
