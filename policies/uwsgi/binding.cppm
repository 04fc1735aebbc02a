// SPDX-License-Identifier: MIT
module;
#include "uwsgi_server.h"
export module forksafe.uwsgi.binding;

import forksafe;
import forksafe.std;
import forksafe.uwsgi;
export import :state;

namespace forksafe::uwsgi {

template <class App, Text Hook, class Event>
void raise(HostedApplication& application, Event const& event) noexcept {
  // With another policy the assertion below is the one error to read.
  if constexpr (std::same_as<typename App::policy, UwsgiPolicy>) static_cast<App&>(application).template emit<Hook>(event);
}

template <class App>
HostedApplication* make(std::string_view name) {
  return new App{name};
}

template <class App>
void load(HostedApplication& application) {
  static_cast<App&>(application).load();
}

template <class App>
Response handle(HostedApplication& application, Request const& request) noexcept {
  return static_cast<App&>(application).handle(request);
}

template <class App>
consteval auto handler_of() -> Response (*)(Application&, Request const&) noexcept {
  if constexpr (App::handles_requests) {
    return &handle<App>;
  } else {
    return nullptr;
  }
}

template <class App>
inline constexpr Callbacks callbacks{
    .make = &make<App>,
    .load = &load<App>,
    .handle = handler_of<App>(),
    .server_starting = &raise<App, "init", ApplicationServerStarting>,
    .server_reload = &raise<App, "init", ApplicationServerReload>,
    .server_ready = &raise<App, "master_cycle", ApplicationServerReady>,
    .server_exit = &raise<App, "master_cleanup", ApplicationServerExit>,
    .pre_fork = &raise<App, "pre_uwsgi_fork", ApplicationPreFork>,
    .pre_fork_unbracketed = &raise<App, "pthread_atfork_prepare", ApplicationPreFork>,
    .post_fork_parent = &raise<App, "post_uwsgi_fork", ApplicationPostForkParent>,
    .post_fork_parent_unbracketed = &raise<App, "pthread_atfork_parent", ApplicationPostForkParent>,
    .fork_failed = &raise<App, "pthread_atfork_parent", ApplicationForkFailed>,
    .fork_failed_seen_by = {&raise<App, "pre_uwsgi_fork", ApplicationForkFailed>,
                            &raise<App, "pthread_atfork_prepare", ApplicationForkFailed>,
                            &raise<App, "master_cycle", ApplicationForkFailed>,
                            &raise<App, "master_cleanup", ApplicationForkFailed>},
    .worker_reaped_seen_by = {&raise<App, "pre_uwsgi_fork", ApplicationWorkerReaped>,
                              &raise<App, "pthread_atfork_prepare", ApplicationWorkerReaped>,
                              &raise<App, "master_cycle", ApplicationWorkerReaped>,
                              &raise<App, "master_cleanup", ApplicationWorkerReaped>},
    .worker_abort = &raise<App, "harakiri", ApplicationWorkerAbort>,
    .post_fork = &raise<App, "post_fork", ApplicationPostFork>,
    .post_worker_init = &raise<App, "fixup", ApplicationPostWorkerInit>,
    .worker_ready = &raise<App, "hijack_worker", ApplicationWorkerReady>,
    .worker_exit = &raise<App, "atexit", ApplicationWorkerExit>,
};

template <class App>
void on_load() noexcept {
  loaded(callbacks<App>, &on_load<App>);
}

}  // namespace forksafe::uwsgi

export namespace forksafe::uwsgi {

/// For the generated entry point: what uWSGI looks up in the shared object, under the file's own name.
///
/// It has a request function even if the application answers no requests: uWSGI calls the hooks around the fork, those
/// of mules and spoolers included, for request plugins only (core/master_utils.c, core/mule.c; 2.0.21 to 2.0.30).
template <RunnableApp App>
consteval uwsgi_plugin plugin(char const* name, std::uint8_t modifier) {
  static_assert(std::same_as<typename App::policy, UwsgiPolicy>,
                "this application is not written for uWSGI: its policy must be forksafe::UwsgiPolicy, or "
                "forksafe::PresetPolicy in the preset uwsgi");
  uwsgi_plugin plugin{};
  plugin.name = name;
  plugin.modifier1 = modifier;
  plugin.on_load = &on_load<App>;
  plugin.init = &init;
  plugin.post_fork = &post_fork;
  plugin.options = options;
  plugin.request = &request;
  plugin.init_apps = &init_apps;
  plugin.fixup = &fixup;
  plugin.master_fixup = &master_fixup;
  plugin.master_cycle = &master_cycle;
  plugin.harakiri = &harakiri;
  plugin.hijack_worker = &hijack_worker;
  plugin.atexit = &exit_of_child;
  plugin.master_cleanup = &master_cleanup;
  plugin.pre_uwsgi_fork = &pre_uwsgi_fork;
  plugin.post_uwsgi_fork = &post_uwsgi_fork;
  return plugin;
}

}  // namespace forksafe::uwsgi
