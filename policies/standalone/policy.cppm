// SPDX-License-Identifier: MIT
export module forksafe.standalone;

import forksafe.policy;
import forksafe.std;

export namespace forksafe {

/// The embedded pre-forking server. It has a hook for every event.
struct StandalonePolicy {
  static constexpr std::string_view name = "standalone";
  static constexpr std::string_view environment = "standalone";
  static constexpr std::string_view status = "standalone hook configured";
  static constexpr std::array<std::string_view, 2> log{"standalone available", "standalone hook configured"};
  static constexpr std::array<Requirement, 0> requirements{};
  static constexpr int replace_status = 70;
  static constexpr Leaving leave = exit_with<replace_status>;
  static constexpr HandlerCalls handler_calls = HandlerCalls::one_at_a_time;
  static constexpr AuditProfile audit_profile{.program = "standalone"};
  static constexpr std::array wiring{
      native<ApplicationServerStarting>("server_starting", "master"),
      native<ApplicationServerReady>("server_ready", "master"),
      native<ApplicationServerReload>("server_reload", "master"),
      native<ApplicationPreFork>("pre_fork", "master"),
      native<ApplicationPostForkParent>("post_fork_parent", "master"),
      native<ApplicationForkFailed>("fork_failed", "master"),
      native<ApplicationPostFork>("post_fork", "worker"),
      native<ApplicationPostWorkerInit>("post_worker_init", "worker"),
      native<ApplicationWorkerReady>("worker_ready", "worker"),
      native<ApplicationWorkerAbort>("worker_abort", "worker"),
      native<ApplicationWorkerExit>("worker_exit", "worker"),
      native<ApplicationWorkerReaped>("worker_reaped", "master"),
      native<ApplicationServerExit>("server_exit", "master"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::StandalonePolicy>);
static_assert(forksafe::support_of<forksafe::StandalonePolicy, forksafe::ApplicationForkFailed> == forksafe::Support::native);
static_assert(forksafe::emits<forksafe::StandalonePolicy, forksafe::ApplicationPostFork>);
