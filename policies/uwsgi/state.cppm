// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
#include "uwsgi_server.h"
export module forksafe.uwsgi.binding:state;

import forksafe;
import forksafe.binding;
import forksafe.std;
import forksafe.uwsgi;

namespace forksafe::uwsgi {

using binding::Facts;
using binding::Single;

/// Most hooks of the master also look after children.
using Raises =
    binding::Raises<UwsgiPolicy, Single<"init", ApplicationServerStarting>, Single<"init", ApplicationServerReload>,
                    Single<"pre_uwsgi_fork", ApplicationPreFork>, Single<"pthread_atfork_prepare", ApplicationPreFork>,
                    Single<"post_uwsgi_fork", ApplicationPostForkParent>,
                    Single<"pthread_atfork_parent", ApplicationPostForkParent>,
                    Single<"pthread_atfork_parent", ApplicationForkFailed>, Single<"pre_uwsgi_fork", ApplicationForkFailed>,
                    Single<"pthread_atfork_prepare", ApplicationForkFailed>, Single<"master_cycle", ApplicationForkFailed>,
                    Single<"master_cleanup", ApplicationForkFailed>, Single<"master_cycle", ApplicationServerReady>,
                    Single<"post_fork", ApplicationPostFork>, Single<"fixup", ApplicationPostWorkerInit>,
                    Single<"hijack_worker", ApplicationWorkerReady>, Single<"harakiri", ApplicationWorkerAbort>,
                    Single<"atexit", ApplicationWorkerExit>, Single<"pre_uwsgi_fork", ApplicationWorkerReaped>,
                    Single<"pthread_atfork_prepare", ApplicationWorkerReaped>, Single<"master_cycle", ApplicationWorkerReaped>,
                    Single<"master_cleanup", ApplicationWorkerReaped>, Single<"master_cleanup", ApplicationServerExit>>;

/// The hooks of the master that look after children.
using Watch = binding::SomeHook<UwsgiPolicy, ApplicationForkFailed, ApplicationWorkerReaped>;

/// The state of the binding. One per plugin; never destroyed, because children must not run their parent's destructors.
struct State {
  /// Made by `init`.
  binding::Hosted<Raises> hosted{};
  uwsgi_plugin* plugin = nullptr;
  /// The process that forks: the master, or worker 1 if there is no master. Daemonising changes it.
  pid_t forking_process = 0;
  /// Whether `init_apps` has run in this process or its parent.
  bool app_loaded = false;
  /// The generation in which `post_fork` identified this process. Forks of a worker are not forks of uWSGI.
  std::uint64_t identified = 0;
};

extern State state;

/// Returns this process, as uWSGI's own variables describe it. They are right from `master_fixup` on, in the master earlier.
[[nodiscard]] Process this_process() noexcept;

/// Returns the facts of a hook about this process, and about one child or none.
[[nodiscard]] Facts facts(Process const& child = {}) noexcept;

/// Notes the places of all children, and begins to watch the forks that uWSGI does not announce.
void begin_to_fork();
/// Declares to the audit the sockets between uWSGI's processes that exist now.
void declare_own_sockets() noexcept;
/// Returns the incarnation of a mule, which uWSGI does not count.
[[nodiscard]] int incarnation_of(ProcessKind const& kind, int slot) noexcept;

/// Exits if the running uWSGI has another memory layout than the plugin. Called by `loaded`.
void check_abi() noexcept;

/// Reads the settings: the file, the environment, `--forksafe-set`, and uWSGI's own options. Throws SettingsError.
void read_settings(HostedApplication& application);
/// Logs, with the option that is missing, if the application answers requests and no socket sends it any.
void say_what_sends_no_requests();
/// The options that the plugin adds to uWSGI's; ends with an empty one.
extern uwsgi_option options[];

/// The hooks, in the order in which uWSGI calls them. Each keeps errno: uWSGI reads it after some of them.
void loaded(binding::ErasedApplication const& table, void (*on_load)()) noexcept;
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
