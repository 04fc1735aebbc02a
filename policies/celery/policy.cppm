// SPDX-License-Identifier: MIT
export module forksafe.celery;

import forksafe.policy;
import forksafe.std;

export namespace forksafe {

/// Celery 5.2 and later with the pool prefork, in both of its kinds. The hooks are named after Celery's signals, whose
/// receivers get keywords only.
///
/// `before` and `after_in_parent` are handlers of CPython's os.register_at_fork: Celery before 5.3, and every Celery whose
/// broker has no asynchronous transport, sends no signal before a fork. The application is always loaded before the fork.
///
/// A worker's slot is its index in the pool, from 1. The exit of a worker is noticed at the next fork, which follows at once if
/// the worker is replaced, or at the end of the server. With the pool solo the master runs the tasks, and hears the events of a
/// worker with `forked` false. With threads, gevent and eventlet no process hears them.
struct CeleryPolicy {
  static constexpr std::string_view name = "celery";
  static constexpr std::string_view environment = "Celery";
  static constexpr std::string_view status = "Celery hook configured";
  static constexpr std::array<std::string_view, 2> log{"Celery available", "Celery hook configured"};
  static constexpr std::array<Requirement, 0> requirements{};
  /// billiard's EX_RECYCLE. The pool gives up after some restarts, and does not count a worker that exits with this status
  /// (billiard 4.1, Pool._repopulate_pool).
  static constexpr int replace_status = 0x9b;
  static constexpr Leaving leave = exit_with<replace_status>;
  /// Because handle() holds Python's lock.
  static constexpr HandlerCalls handler_calls = HandlerCalls::one_at_a_time;
  static constexpr AuditProfile audit_profile{.program = "celery"};
  static constexpr std::array wiring{
      native<ApplicationServerStarting>("celeryd_init", "master", "*args, **kwargs"),
      native<ApplicationPreFork>("worker_before_create_process", "master", "*args, **kwargs"),
      emulated<ApplicationPreFork>("before", "master"),
      emulated<ApplicationPostForkParent>("after_in_parent", "master"),
      absent<ApplicationForkFailed>("Python calls after_in_parent whether or not a fork made a child"),
      native<ApplicationPostFork>("worker_process_init", "worker, master", "*args, **kwargs"),
      emulated<ApplicationPostWorkerInit>("worker_process_init", "worker, master"),
      emulated<ApplicationWorkerReady>("worker_process_init", "worker, master"),
      absent<ApplicationWorkerAbort>("a time limit raises in the task, or kills the worker"),
      native<ApplicationWorkerExit>("worker_process_shutdown", "worker", "*args, **kwargs"),
      emulated<ApplicationWorkerReaped>("worker_before_create_process", "master"),
      emulated<ApplicationWorkerReaped>("before", "master"),
      emulated<ApplicationWorkerReaped>("worker_shutdown", "master"),
      native<ApplicationServerReady>("worker_ready", "master", "*args, **kwargs"),
      absent<ApplicationServerReload>("a pool that is restarted sends no signal of its own"),
      native<ApplicationServerExit>("worker_shutdown", "master", "*args, **kwargs"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::CeleryPolicy>);
static_assert(forksafe::support_of<forksafe::CeleryPolicy, forksafe::ApplicationPreFork> == forksafe::Support::native);
static_assert(forksafe::support_of<forksafe::CeleryPolicy, forksafe::ApplicationWorkerReady> == forksafe::Support::emulated);
static_assert(!forksafe::emits<forksafe::CeleryPolicy, forksafe::ApplicationForkFailed>);
static_assert(!forksafe::emits<forksafe::CeleryPolicy, forksafe::ApplicationWorkerAbort>);
