// SPDX-License-Identifier: MIT
module;
#include "uwsgi_server.h"
export module forksafe.uwsgi.binding;

import forksafe;
import forksafe.binding;
import forksafe.std;
import forksafe.uwsgi;
export import :state;

namespace forksafe::uwsgi {

template <class App>
void on_load() noexcept {
  // Compiles for every policy, so that the assertion below is the only error.
  if constexpr (std::same_as<typename App::policy, UwsgiPolicy>) loaded(binding::erased<App>, &on_load<App>);
}

}  // namespace forksafe::uwsgi

export namespace forksafe::uwsgi {

/// The symbols that uWSGI looks up in the shared object, under the file's own name; for the generated entry point.
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
