// SPDX-License-Identifier: MIT
export module forksafe.uwsgi;

import forksafe.policy;
import forksafe.std;

export namespace forksafe {

/// uWSGI 2.0.21 and later, with the master process.
struct UwsgiPolicy {
  static constexpr std::string_view name = "uwsgi";
  static constexpr std::string_view environment = "uWSGI";
  static constexpr std::string_view status = "uWSGI hook configured";
  static constexpr std::array<std::string_view, 2> log{"uWSGI available", "uWSGI hook configured"};
  static constexpr std::array requirements{
      Requirement{"--master", "uWSGI error: you have to enable the uWSGI master process to use this module"}};
  static constexpr std::string_view hook_suffix = "_hook";
  /// An exit status without a meaning in uWSGI (uwsgi.h, UWSGI_*_CODE).
  static constexpr int replace_status = 70;
  static constexpr Leaving leave = exit_with<replace_status>;
  /// Because of the option --threads.
  static constexpr HandlerCalls handler_calls = HandlerCalls::concurrent;
  /// For the calls of socketpair() in core/signal.c, utils.c, logging.c, gateway.c, alarm.c and emperor.c.
  static constexpr AuditProfile audit_profile{
      .program = "uwsgi", .socket_pairs = "uWSGI's processes tell each other of signals, messages and log lines through it"};
  static constexpr ProcessKind worker{"worker", Role::worker}, mule{"mule", Role::helper}, spooler{"spooler", Role::helper};
  static constexpr std::array processes{mule, spooler};
  /// Facts of uWSGI 2.0.21 to 2.0.30. Without a master, the master's hooks run in worker 1, except `master_cycle` and
  /// `master_cleanup`, which then never run. uWSGI calls hooks around the forks of workers only: pthread_atfork shows those of
  /// mules and spoolers.
  static constexpr std::array wiring{
      native<ApplicationServerStarting>("init", "master"),
      emulated<ApplicationServerReload>("init", "master"),
      native<ApplicationPreFork>("pre_uwsgi_fork", "master"),
      emulated<ApplicationPreFork>("pthread_atfork_prepare", "master"),
      native<ApplicationPostForkParent>("post_uwsgi_fork", "master"),
      emulated<ApplicationPostForkParent>("pthread_atfork_parent", "master"),
      emulated<ApplicationForkFailed>("pthread_atfork_parent", "master"),
      emulated<ApplicationForkFailed>("pre_uwsgi_fork", "master"),
      emulated<ApplicationForkFailed>("pthread_atfork_prepare", "master"),
      emulated<ApplicationForkFailed>("master_cycle", "master"),
      emulated<ApplicationForkFailed>("master_cleanup", "master"),
      native<ApplicationServerReady>("master_cycle", "master"),
      native<ApplicationPostFork>("post_fork", "worker, mule, spooler"),
      native<ApplicationPostWorkerInit>("fixup", "worker"),
      native<ApplicationWorkerReady>("hijack_worker", "worker"),
      native<ApplicationWorkerAbort>("harakiri", "master"),
      native<ApplicationWorkerExit>("atexit", "worker, mule, spooler"),
      emulated<ApplicationWorkerReaped>("pre_uwsgi_fork", "master"),
      emulated<ApplicationWorkerReaped>("pthread_atfork_prepare", "master"),
      emulated<ApplicationWorkerReaped>("master_cycle", "master"),
      emulated<ApplicationWorkerReaped>("master_cleanup", "master"),
      native<ApplicationServerExit>("master_cleanup", "master"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::UwsgiPolicy>);
static_assert(forksafe::support_of<forksafe::UwsgiPolicy, forksafe::ApplicationPostFork> == forksafe::Support::native);
static_assert(forksafe::support_of<forksafe::UwsgiPolicy, forksafe::ApplicationWorkerReaped> == forksafe::Support::emulated);
