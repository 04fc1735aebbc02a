// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding;

export import :hooks;
export import :options;
export import :parts;
export import :supervision;
import forksafe;
import forksafe.standalone;
import forksafe.std;

namespace forksafe::standalone {

template <class App>
inline constinit App* instance = nullptr;

template <class App>
HostedApplication& make(std::string_view name) {
  return *(instance<App> = new App{name});
}

template <class App>
void load() {
  instance<App>->load();
}

template <class App>
Response handle(Request const& request) noexcept {
  return instance<App>->handle(request);
}

template <class App, Text Hook, ApplicationEvent Event>
void raise(Moment const& moment) noexcept {
  Event event{};
  event.process = moment.process;
  event.forked = moment.process.role == Role::worker;
  event.app_loaded = moment.loaded;
  if constexpr (requires { event.child; }) event.child = moment.child;
  if constexpr (requires { event.status; }) event.status = moment.status;
  if constexpr (requires { event.error; }) event.error = moment.error;
  instance<App>->template emit<Hook>(event);
}

template <class App>
constexpr Response (*handler_of() noexcept)(Request const&) noexcept {
  if constexpr (App::handles_requests) {
    return handle<App>;
  } else {
    return nullptr;
  }
}

template <class App>
inline constexpr Hooks hooks{
    .make = make<App>,
    .load = load<App>,
    .handle = handler_of<App>(),
    .server_starting = raise<App, "server_starting", ApplicationServerStarting>,
    .server_ready = raise<App, "server_ready", ApplicationServerReady>,
    .server_reload = raise<App, "server_reload", ApplicationServerReload>,
    .pre_fork = raise<App, "pre_fork", ApplicationPreFork>,
    .post_fork_parent = raise<App, "post_fork_parent", ApplicationPostForkParent>,
    .fork_failed = raise<App, "fork_failed", ApplicationForkFailed>,
    .post_fork = raise<App, "post_fork", ApplicationPostFork>,
    .post_worker_init = raise<App, "post_worker_init", ApplicationPostWorkerInit>,
    .worker_ready = raise<App, "worker_ready", ApplicationWorkerReady>,
    .worker_abort = raise<App, "worker_abort", ApplicationWorkerAbort>,
    .worker_exit = raise<App, "worker_exit", ApplicationWorkerExit>,
    .worker_reaped = raise<App, "worker_reaped", ApplicationWorkerReaped>,
    .server_exit = raise<App, "server_exit", ApplicationServerExit>,
};

static_assert(StandalonePolicy::wiring.size() == 13, "every row of the wiring has a member of Hooks, and the reverse");

/// Runs the server that the hooks belong to; returns the exit status of the program.
int run(Hooks const& hooks, std::string_view name, int argument_count, char** arguments);

}  // namespace forksafe::standalone

export namespace forksafe::standalone {

/// Is the whole program: reads the command line, runs the master and its workers, and returns the exit status.
///
/// The exit status is 0 after an orderly stop, 1 where the server could not start, 2 for a wrong command line. Workers
/// never return from here.
template <RunnableApp App>
int run(std::string_view name, int argument_count, char** arguments) {
  static_assert(std::same_as<typename App::policy, StandalonePolicy>,
                "this is the embedded server, and the application is written for another container: name "
                "forksafe::PresetPolicy in it, or build it with FORKSAFE_CONTAINER set to the container of its policy");
  return run(hooks<App>, name, argument_count, arguments);
}

}  // namespace forksafe::standalone
