// SPDX-License-Identifier: MIT
module;
#include <cstdlib>
#include <time.h>
#include <unistd.h>
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;
import forksafe.base;
import forksafe.binding;
import forksafe.std.operators;
import forksafe.uwsgi;

namespace forksafe::uwsgi {
namespace {

/// Keeps the process of the last start across exec. uWSGI's own variable UWSGI_RELOADS does not do: every uWSGI that a worker
/// or a daemon starts inherits it.
constexpr char const* process_variable = "FORKSAFE_UWSGI_PROCESS";

constexpr unsigned delay_after_failed_load = 1;

bool is_reloaded() noexcept {
  char const* const earlier = std::getenv(process_variable);
  if (::uwsgi.is_a_reload == 0 || earlier == nullptr) return false;
  std::string_view const text = earlier;
  pid_t process = 0;
  std::from_chars(text.data(), text.data() + text.size(), process);
  return process == ::getpid();
}

[[noreturn]] void refuse_to_start() {
  log_line("uWSGI does not start: " + base::describe_current_exception());
  ::uwsgi_exit(1);
}

/// A worker that loads its application itself must not stop the server: the master replaces it.
[[noreturn]] void exit_after_failed_load() {
  bool const replaced = state.identified == generation() && ::getpid() != state.forking_process;
  log_line(std::string{state.plugin->name} + " failed to load: " + base::describe_current_exception() +
           (replaced ? "; the worker exits to be replaced" : "; uWSGI does not start"));
  if (!replaced) ::uwsgi_exit(1);
  ::sleep(delay_after_failed_load);
  ::_exit(UwsgiPolicy::replace_status);
}

void make_application() {
  binding::Hosted<Raises> hosted = state.hosted;
  HostedApplication& application = hosted.make(state.plugin->name);
  read_settings(application);
  if (::uwsgi.master_process != 0) {
    application.mark_configured();
  } else {
    application.mark_misconfigured(UwsgiPolicy::requirements[0]);
  }
  if (hosted.handles_requests()) say_what_sends_no_requests();
  state.hosted = hosted;
}

}  // namespace

int init() noexcept {
  base::ErrnoGuard const kept_errno;
  state.forking_process = ::getpid();
  try {
    make_application();
  } catch (...) {
    refuse_to_start();
  }
  bool const reloaded = is_reloaded();
  state.hosted.raise<"init", ApplicationServerStarting>(facts());
  if (reloaded) state.hosted.raise<"init", ApplicationServerReload>(facts());
  return 0;
}

void init_apps() noexcept {
  base::ErrnoGuard const kept_errno;
  if (!state.hosted.is_made()) return;
  try {
    state.hosted.load();
  } catch (...) {
    exit_after_failed_load();
  }
  state.app_loaded = true;
}

void master_fixup(int in_child) noexcept {
  base::ErrnoGuard const kept_errno;
  if (!state.hosted.is_made() || in_child != 0) return;
  // With --daemonize2 this is another process than that of `init`.
  state.forking_process = ::getpid();
  char process[16]{};
  std::to_chars(process, process + sizeof process - 1, state.forking_process);
  ::setenv(process_variable, process, 1);
  begin_to_fork();
}

}  // namespace forksafe::uwsgi
