// SPDX-License-Identifier: MIT
module;
#include <fcntl.h>
export module forksafe.gunicorn;

import forksafe.policy;
import forksafe.std;

namespace forksafe {

// gunicorn 20.1: arbiter.py, workers/workertmp.py. The arbiter's control socket is not listed: from 25.2 on, ctl/server.py
// (27.0.1) ends its thread before each fork. 25.1 forks beside the thread, which the audit then reports.
inline constexpr std::array gunicorn_descriptors{
    ContainerDescriptor{DescriptorKind::pipe, {}, O_NONBLOCK, "the arbiter wakes itself through it; a worker makes its own"},
    ContainerDescriptor{DescriptorKind::written_file, "/tmp/wgunicorn-", 0,
                        "the worker's heartbeat: the arbiter reads its times only"},
    ContainerDescriptor{DescriptorKind::memory, "/dev/shm/wgunicorn-", 0,
                        "the worker's heartbeat: the arbiter reads its times only"},
};

}  // namespace forksafe

export namespace forksafe {

/// gunicorn 20.1 and later. The hooks' parameters are those of its configuration reference.
///
/// `before` and `after_in_parent` are handlers of CPython's os.register_at_fork, for the fork in the arbiter's spawn_worker
/// only.
///
/// Only request workers count as workers. gunicorn 25 and later forks the dirty arbiter and the dirty workers without a hook,
/// so they hear nothing. A worker's slot is the lowest number that no living worker has. A reload starts the new workers before
/// it ends the old ones, so that N workers need up to 2 N slots.
struct GunicornPolicy {
  static constexpr std::string_view name = "gunicorn";
  static constexpr std::string_view environment = "gunicorn";
  static constexpr std::string_view status = "gunicorn mark_configured";
  static constexpr std::array<std::string_view, 1> log{"gunicorn mark_configured"};
  static constexpr std::array<Requirement, 0> requirements{};
  /// Any status but 3 and 4, at which the arbiter stops the whole server.
  static constexpr int replace_status = 70;
  static constexpr Leaving leave = exit_with<replace_status>;
  /// Because of gthread and gevent: Python's lock is released while a request's body is read.
  static constexpr HandlerCalls handler_calls = HandlerCalls::concurrent;
  static constexpr AuditProfile audit_profile{"gunicorn", gunicorn_descriptors, {}};
  static constexpr std::array wiring{
      native<ApplicationServerStarting>("on_starting", "master", "server"),
      native<ApplicationServerReady>("when_ready", "master", "server"),
      native<ApplicationServerReload>("on_reload", "master", "server"),
      native<ApplicationPreFork>("pre_fork", "master", "server, worker"),
      // Raised if pre_fork is another function, and one of the hooks before it has shown the arbiter.
      emulated<ApplicationPreFork>("before", "master"),
      emulated<ApplicationPostForkParent>("after_in_parent", "master"),
      absent<ApplicationForkFailed>("the arbiter stops when fork fails, and calls no hook"),
      native<ApplicationPostFork>("post_fork", "worker", "server, worker"),
      // Raised, as late, if post_fork is another function.
      emulated<ApplicationPostFork>("post_worker_init", "worker"),
      native<ApplicationPostWorkerInit>("post_worker_init", "worker", "worker"),
      emulated<ApplicationWorkerReady>("post_worker_init", "worker"),
      native<ApplicationWorkerAbort>("worker_abort", "worker", "worker"),
      native<ApplicationWorkerExit>("worker_exit", "worker", "server, worker"),
      native<ApplicationWorkerReaped>("child_exit", "master", "server, worker"),
      // If a worker no longer exists when the arbiter signals it, the arbiter calls worker_exit instead of child_exit.
      emulated<ApplicationWorkerReaped>("worker_exit", "master"),
      native<ApplicationServerExit>("on_exit", "master", "server"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::GunicornPolicy>);
static_assert(forksafe::support_of<forksafe::GunicornPolicy, forksafe::ApplicationPreFork> == forksafe::Support::native);
static_assert(!forksafe::emits<forksafe::GunicornPolicy, forksafe::ApplicationForkFailed>);
