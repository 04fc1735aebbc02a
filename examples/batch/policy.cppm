// SPDX-License-Identifier: MIT
module;
#include <array>
#include <string_view>
export module forksafe.batch;

import forksafe.policy;

export namespace forksafe {

/// A user's container: it forks a task for each job and waits for it.
struct BatchPolicy {
  static constexpr std::string_view name = "batch";
  static constexpr std::string_view environment = "Batch";
  static constexpr std::string_view status = "Batch hook configured";
  static constexpr std::array<std::string_view, 2> log{"Batch available", "Batch hook configured"};
  static constexpr std::array<Requirement, 0> requirements{};
  static constexpr Leaving leave = exit_with<70>;
  static constexpr HandlerCalls handler_calls = HandlerCalls::one_at_a_time;
  static constexpr std::array wiring{
      native<ApplicationPreFork>("before_job", "master"),
      native<ApplicationPostForkParent>("after_job_started", "master"),
      native<ApplicationForkFailed>("job_not_started", "master"),
      native<ApplicationPostFork>("in_job", "task"),
      native<ApplicationWorkerReaped>("job_done", "master"),
      absent<ApplicationPostWorkerInit>("a job has nothing to load"),
      absent<ApplicationWorkerReady>("a job accepts no requests"),
      absent<ApplicationWorkerExit>("a job ends by _exit"),
      absent<ApplicationWorkerAbort>("a job has no time limit"),
      absent<ApplicationServerStarting>("there is no server"),
      absent<ApplicationServerReady>("there is no server"),
      absent<ApplicationServerReload>("there is no server"),
      absent<ApplicationServerExit>("there is no server"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::BatchPolicy>);
static_assert(forksafe::emits<forksafe::BatchPolicy, forksafe::ApplicationPostFork>);
static_assert(!forksafe::emits<forksafe::BatchPolicy, forksafe::ApplicationWorkerExit>);
