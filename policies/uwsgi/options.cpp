// SPDX-License-Identifier: MIT
module;
#include <getopt.h>
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;
import forksafe.std.operators;

namespace forksafe::uwsgi {
namespace {

constinit char* settings_file = nullptr;
constinit uwsgi_string_list* assignments = nullptr;

/// The options of uWSGI that are shown (uWSGI 2.0, core/uwsgi.c and the plugins' tables): how many processes there are, how
/// long they live, where they listen. Options with free values, such as env, route, set-placeholder, hook-* and add-header,
/// are never shown, because they may hold secrets. Sorted by name.
// clang-format off
constexpr std::string_view shown_options[] = {
    "abstract-socket", "async", "auto-procname", "buffer-size", "callable", "chdir", "chdir2", "cheap", "cheaper",
    "cheaper-algo", "cheaper-initial", "cheaper-overload", "cheaper-step", "chmod-socket", "chown-socket",
    "close-on-exec", "close-on-exec2", "daemonize", "daemonize2", "die-on-term", "disable-logging", "enable-threads",
    "evil-reload-on-as", "evil-reload-on-rss", "exit-on-reload", "gevent", "gid", "greenlet", "harakiri",
    "harakiri-verbose", "home", "http", "http-keepalive", "http-processes", "http-socket", "http-socket-modifier1",
    "http-socket-modifier2", "http-timeout", "http-workers", "idle", "ini", "ini-paste", "ini-paste-logged", "lazy",
    "lazy-apps", "limit-as", "limit-post", "listen", "log-master", "logto", "logto2", "master", "master-as-root",
    "max-fd", "max-requests", "max-requests-delta", "max-worker-lifetime", "memory-report", "min-worker-lifetime",
    "module", "mount", "mule", "mule-harakiri", "mule-reload-mercy", "mules", "need-app", "need-plugin", "need-plugins",
    "no-defer-accept", "no-orphans", "offload-threads", "paste", "pep3333-input", "pidfile", "pidfile2", "plugin",
    "plugins", "plugins-dir", "post-buffering", "processes", "procname", "procname-master", "procname-prefix",
    "procname-prefix-spaced", "py-autoreload", "py-call-osafterfork", "pythonpath", "reload-mercy", "reload-on-as",
    "reload-on-rss", "reuse-port", "safe-pidfile", "single-interpreter", "skip-atexit", "skip-atexit-teardown",
    "so-keepalive", "socket", "socket-timeout", "spooler", "spooler-harakiri", "spooler-processes", "stats", "strict",
    "tcp-nodelay", "threads", "threads-stack-size", "threads-stacksize", "thunder-lock", "touch-chain-reload",
    "touch-reload", "touch-workers-reload", "uid", "umask", "uwsgi-socket", "vacuum", "venv", "virtualenv",
    "worker-reload-mercy", "workers", "wsgi", "wsgi-file"};
// clang-format on
static_assert(std::ranges::is_sorted(shown_options));

/// Adds the options of uWSGI that are shown, as given. A repeated option becomes one comma separated list.
void add_uwsgi_options(Settings& settings) {
  std::map<std::string, std::string> values;
  for (int index = 0; index != ::uwsgi.exported_opts_cnt; ++index) {
    uwsgi_opt const& given = *::uwsgi.exported_opts[index];
    std::string_view const name = given.key;
    if (!std::ranges::binary_search(shown_options, name)) continue;
    std::string const value = given.value == nullptr ? "true" : given.value;
    auto const [entry, first] = values.try_emplace(std::string{name}, value);
    if (!first) entry->second += "," + value;
  }
  for (auto const& [name, value] : values) settings.set("uwsgi." + name, value, "uWSGI --" + name);
}

/// An option that opens a socket, and the option that chooses the plugin for its requests; without it modifier 0 gets them.
/// Over uWSGI's own protocol the web server chooses with each request.
struct Door {
  std::string_view socket;
  std::string_view modifier;
};
constexpr std::array doors{Door{"http-socket", "http-socket-modifier1"},
                           Door{"http11-socket", "http-socket-modifier1"},
                           Door{"https-socket", "https-socket-modifier1"},
                           Door{"fastcgi-socket", "fastcgi-modifier1"},
                           Door{"fastcgi-nph-socket", "fastcgi-modifier1"},
                           Door{"scgi-socket", "scgi-modifier1"},
                           Door{"scgi-nph-socket", "scgi-modifier1"},
                           Door{"raw-socket", "raw-modifier1"},
                           Door{"http", "http-modifier1"},
                           Door{"https", "http-modifier1"}};

/// Whether the option may bring requests to the plugin in ways that cannot be seen here.
bool may_send_anywhere(std::string_view option) noexcept {
  constexpr std::string_view others[] = {"socket",        "uwsgi-socket",
                                         "suwsgi-socket", "puwsgi-socket",
                                         "ssl-socket",    "shared-socket",
                                         "zeromq",        "zmq",
                                         "zeromq-socket", "zmq-socket",
                                         "protocol",      "remap-modifier",
                                         "http-to",       "http-subscription-server",
                                         "subscribe-to",  "subscribe"};
  return option.starts_with("route") || option.starts_with("subscribe-") ||
         std::ranges::find(others, option) != std::end(others);
}

}  // namespace

void say_what_sends_no_requests() {
  std::string const wanted = std::to_string(int{state.plugin->modifier1});
  std::map<std::string_view, std::string_view> given;
  for (int index = 0; index != ::uwsgi.exported_opts_cnt; ++index) {
    uwsgi_opt const& option = *::uwsgi.exported_opts[index];
    if (may_send_anywhere(option.key)) return;
    given[option.key] = option.value == nullptr ? std::string_view{} : std::string_view{option.value};
  }
  Door const* closed = nullptr;
  for (Door const& door : doors) {
    if (!given.contains(door.socket)) continue;
    auto const modifier = given.find(door.modifier);
    if (modifier != given.end() && modifier->second == wanted) return;
    if (closed == nullptr) closed = &door;
  }
  if (closed == nullptr) return;
  log_line(std::string{state.plugin->name} + " answers requests, but --" + std::string{closed->socket} +
           " sends it none: start uWSGI with --" + std::string{closed->modifier} + " " + wanted +
           ", unless another plugin is to answer them");
}

// Named like uWSGI's own options. The casts are safe: uWSGI changes none of the texts.
constinit uwsgi_option options[] = {
    {const_cast<char*>("forksafe-settings"), required_argument, 0,
     const_cast<char*>("read the application's settings from FILE or FILE#NAME"), ::uwsgi_opt_set_str, &settings_file, 0},
    {const_cast<char*>("forksafe-set"), required_argument, 0,
     const_cast<char*>("set one of the application's settings: KEY=VALUE"), ::uwsgi_opt_add_string_list, &assignments, 0},
    {}};

void read_settings(HostedApplication& application) {
  application.configure(settings_file == nullptr ? "" : settings_file);
  Settings& settings = application.registry().settings();
  add_uwsgi_options(settings);
  for (uwsgi_string_list const* one = assignments; one != nullptr; one = one->next) {
    std::string_view const text{one->value, one->len};
    std::size_t const equals = text.find('=');
    if (equals == text.npos || equals == 0)
      throw SettingsError{"--forksafe-set " + std::string{text} + ": no key or no value - write it as NAME=VALUE"};
    settings.set(text.substr(0, equals), text.substr(equals + 1), "uWSGI --forksafe-set");
  }
}

}  // namespace forksafe::uwsgi
