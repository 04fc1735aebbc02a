// SPDX-License-Identifier: MIT
module;
#include <fcntl.h>
export module forksafe.gunicorn;

import forksafe.policy;
import forksafe.std;

namespace forksafe {

// gunicorn 20.1: arbiter.py, workers/workertmp.py. Nothing of the arbiter's control socket crosses a fork, because from 25.2
// on ctl/server.py (27.0.1) ends its thread before each; 25.1 forks beside it, and then it is a finding.
inline constexpr std::array gunicorn_descriptors{
    ContainerDescriptor{DescriptorKind::pipe, {}, O_NONBLOCK, "the arbiter wakes itself through it; a worker makes its own"},
    ContainerDescriptor{DescriptorKind::written_file, "/tmp/wgunicorn-", 0,
                        "the worker's heartbeat: the arbiter reads its times only"},
    ContainerDescriptor{DescriptorKind::memory, "/dev/shm/wgunicorn-", 0,
                        "the worker's heartbeat: the arbiter reads its times only"},
};

}  // namespace forksafe

export namespace forksafe {

/// gunicorn 20.1 and later; its hooks' parameters are those of its configuration reference.
///
/// `before` and `after_in_parent` are CPython's os.register_at_fork, of the fork in the arbiter's spawn_worker only.
///
/// Only its workers are workers: the dirty arbiter and the dirty workers of gunicorn 25 and later are forked without a
/// hook, and hear nothing. A worker's slot is the lowest number that no living worker has; a reload starts the new
/// workers before it ends the old ones, so that N workers need up to 2 N slots.
struct GunicornPolicy {
  static constexpr std::string_view name = "gunicorn";
  static constexpr std::string_view environment = "gunicorn";
  static constexpr std::string_view status = "gunicorn mark_configured";
  static constexpr std::array<std::string_view, 1> log{"gunicorn mark_configured"};
  static constexpr std::array<Requirement, 0> requirements{};
  /// Neither 3 nor 4, at which the arbiter stops the whole server.
  static constexpr int replace_status = 70;
  static constexpr Leaving leave = exit_with<replace_status>;
  /// gthread and gevent: Python's lock is given away where a request's body is read.
  static constexpr HandlerCalls handler_calls = HandlerCalls::concurrent;
  static constexpr AuditProfile audit_profile{"gunicorn", gunicorn_descriptors, {}};
  static constexpr std::array wiring{
      native<ApplicationServerStarting>("on_starting", "master", "server"),
      native<ApplicationServerReady>("when_ready", "master", "server"),
      native<ApplicationServerReload>("on_reload", "master", "server"),
      native<ApplicationPreFork>("pre_fork", "master", "server, worker"),
      // Where pre_fork is another function, and the arbiter is known by one of the hooks before it.
      emulated<ApplicationPreFork>("before", "master"),
      emulated<ApplicationPostForkParent>("after_in_parent", "master"),
      absent<ApplicationForkFailed>("the arbiter stops when fork fails, and calls no hook"),
      native<ApplicationPostFork>("post_fork", "worker", "server, worker"),
      // Where post_fork is another function: late.
      emulated<ApplicationPostFork>("post_worker_init", "worker"),
      native<ApplicationPostWorkerInit>("post_worker_init", "worker", "worker"),
      emulated<ApplicationWorkerReady>("post_worker_init", "worker"),
      native<ApplicationWorkerAbort>("worker_abort", "worker", "worker"),
      native<ApplicationWorkerExit>("worker_exit", "worker", "server, worker"),
      native<ApplicationWorkerReaped>("child_exit", "master", "server, worker"),
      // The arbiter calls worker_exit, instead of child_exit, for a worker that it finds gone when it signals it.
      emulated<ApplicationWorkerReaped>("worker_exit", "master"),
      native<ApplicationServerExit>("on_exit", "master", "server"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::GunicornPolicy>);
static_assert(forksafe::source_of<forksafe::GunicornPolicy, forksafe::ApplicationPreFork> == forksafe::Source::native);
static_assert(!forksafe::emits<forksafe::GunicornPolicy, forksafe::ApplicationForkFailed>);
