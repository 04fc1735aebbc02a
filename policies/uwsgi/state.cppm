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

/// Most hooks of the master look after children, beside what they are made for.
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
  /// The process that forks: the master, or worker 1 where there is none. Daemonising renews it.
  pid_t forking_process = 0;
  /// Whether `init_apps` has run in this process or its parent.
  bool app_loaded = false;
  /// The generation in which `post_fork` identified this process; forks that a worker makes are not uWSGI's.
  std::uint64_t identified = 0;
};

extern State state;

/// Returns this process, by uWSGI's own marks: right from `master_fixup` on, and before that in the master.
[[nodiscard]] Process this_process() noexcept;

/// Returns what a hook tells of this process, and of one child or none.
[[nodiscard]] Facts facts(Process const& child = {}) noexcept;

/// Remembers which process is to be forked, and begins to watch the forks that uWSGI does not announce.
void begin_to_fork();
/// Declares to the audit the sockets by which uWSGI's processes talk, as far as they are there now.
void declare_own_sockets() noexcept;
/// Returns the incarnation of a mule, which uWSGI does not count.
[[nodiscard]] int incarnation_of(ProcessKind const& kind, int slot) noexcept;

/// Called by `loaded`: refuses to run in a uWSGI with other memory layouts.
void check_abi() noexcept;

/// Reads the settings: the file, the environment, `--forksafe-set`, and uWSGI's own options. Throws SettingsError.
void read_settings(HostedApplication& application);
/// Logs that the application answers requests and no socket sends it any, with the option that is missing.
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
