// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:hooks;

import forksafe;
import forksafe.binding;
import forksafe.standalone;
import forksafe.std;

namespace forksafe::standalone {

using binding::Facts;
using binding::Single;

/// The hooks of the server. Each raises one event.
using Raises =
    binding::Raises<StandalonePolicy, Single<"server_starting", ApplicationServerStarting>,
                    Single<"server_ready", ApplicationServerReady>, Single<"server_reload", ApplicationServerReload>,
                    Single<"pre_fork", ApplicationPreFork>, Single<"post_fork_parent", ApplicationPostForkParent>,
                    Single<"fork_failed", ApplicationForkFailed>, Single<"post_fork", ApplicationPostFork>,
                    Single<"post_worker_init", ApplicationPostWorkerInit>, Single<"worker_ready", ApplicationWorkerReady>,
                    Single<"worker_abort", ApplicationWorkerAbort>, Single<"worker_exit", ApplicationWorkerExit>,
                    Single<"worker_reaped", ApplicationWorkerReaped>, Single<"server_exit", ApplicationServerExit>>;

/// The application as the server sees it.
using Hosted = binding::Hosted<Raises>;

/// Returns the facts of a hook in the master, about one worker or none.
[[nodiscard]] constexpr Facts in_master(Process const& child = {}) noexcept {
  return {.process = {.role = Role::master}, .child = child};
}

/// Returns the facts of a hook in a worker, about itself.
[[nodiscard]] constexpr Facts in_worker(Process const& process) noexcept {
  return {.process = process, .child = process, .forked = true};
}

}  // namespace forksafe::standalone
