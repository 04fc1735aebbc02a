// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
#include "uwsgi_server.h"
export module forksafe.uwsgi.binding:state;

import forksafe;
import forksafe.std;

namespace forksafe::uwsgi {

template <class Event>
using Raise = void (*)(HostedApplication& application, Event const& event) noexcept;

/// The hooks of the master that look after children, beside what they are made for.
enum class Watch : std::size_t { pre_uwsgi_fork, pthread_atfork_prepare, master_cycle, master_cleanup };
inline constexpr std::size_t watch_count = 4;

/// All that depends on the type of the application: one function for each row of the policy's wiring.
struct Callbacks {
  HostedApplication* (*make)(std::string_view name);
  void (*load)(HostedApplication& application);
  /// Null for an application that answers no requests.
  Response (*handle)(HostedApplication& application, Request const& request) noexcept;

  Raise<ApplicationServerStarting> server_starting;
  Raise<ApplicationServerReload> server_reload;
  Raise<ApplicationServerReady> server_ready;
  Raise<ApplicationServerExit> server_exit;
  Raise<ApplicationPreFork> pre_fork;
  Raise<ApplicationPreFork> pre_fork_unbracketed;
  Raise<ApplicationPostForkParent> post_fork_parent;
  Raise<ApplicationPostForkParent> post_fork_parent_unbracketed;
  Raise<ApplicationForkFailed> fork_failed;
  Raise<ApplicationForkFailed> fork_failed_seen_by[watch_count];
  Raise<ApplicationWorkerReaped> worker_reaped_seen_by[watch_count];
  Raise<ApplicationWorkerAbort> worker_abort;
  Raise<ApplicationPostFork> post_fork;
  Raise<ApplicationPostWorkerInit> post_worker_init;
  Raise<ApplicationWorkerReady> worker_ready;
  Raise<ApplicationWorkerExit> worker_exit;
};

/// What the binding knows. One per plugin; never destroyed, because children must not run their parent's destructors.
struct State {
  Callbacks const* callbacks = nullptr;
  uwsgi_plugin* plugin = nullptr;
  /// Null until `init`.
  HostedApplication* application = nullptr;
  /// The process that forks: the master, or worker 1 where there is none. Daemonising renews it.
  pid_t forking_process = 0;
  /// Whether `init_apps` has run in this process or its parent.
  bool app_loaded = false;
  /// The generation in which `post_fork` said who this process is; forks that a worker makes are none of uWSGI's.
  std::uint64_t identified = 0;
};

extern State state;

/// Keeps errno over an entry point: uWSGI reads it behind some hooks.
class KeptErrno {
 public:
  KeptErrno() noexcept;
  ~KeptErrno();
  KeptErrno(KeptErrno const&) = delete;
  KeptErrno& operator=(KeptErrno const&) = delete;

 private:
  int saved_;
};

/// This process, by uWSGI's own marks: right from `master_fixup` on, and before that in the master.
[[nodiscard]] Process this_process() noexcept;

/// An event of this process, not yet delivered.
template <class Event>
[[nodiscard]] Event occurring() noexcept {
  Event event{};
  event.process = this_process();
  event.forked = ::getpid() != state.forking_process;
  event.app_loaded = state.app_loaded;
  return event;
}

/// Remembers who is to be forked, and begins to watch the forks that uWSGI does not announce.
void begin_to_fork();
/// For the audit: the sockets by which uWSGI's processes talk, as far as they are there now.
void declare_own_sockets() noexcept;
/// For a mule, whose incarnation uWSGI does not count.
[[nodiscard]] int incarnation_of(ProcessKind const& kind, int slot) noexcept;

/// Called by `loaded`: refuses to run in a uWSGI with other memory layouts.
void check_abi() noexcept;

/// Reads the settings: the file, the environment, `--forksafe-set`, and uWSGI's own options. Throws SettingsError.
void read_settings(HostedApplication& application);
/// Logs it where the application answers requests and no socket sends it any, with the option that is missing.
void say_what_sends_no_requests();
/// The options that the plugin adds to uWSGI's; ends with an empty one.
extern uwsgi_option options[];

/// The hooks, in the order in which uWSGI calls them.
void loaded(Callbacks const& callbacks, void (*on_load)()) noexcept;
int init() noexcept;
void init_apps() noexcept;
void master_fixup(int in_child) noexcept;
void pre_uwsgi_fork() noexcept;
void post_uwsgi_fork(int in_child) noexcept;
void master_cycle() noexcept;
void post_fork() noexcept;
void fixup() noexcept;
void hijack_worker() noexcept;
int request(wsgi_request* request) noexcept;
void harakiri(int worker) noexcept;
void exit_of_child() noexcept;
void master_cleanup() noexcept;

}  // namespace forksafe::uwsgi
