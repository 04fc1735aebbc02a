// SPDX-License-Identifier: MIT
module;
#include <array>
#include <string_view>
export module batch.policy;

import forksafe;

export namespace batch {

/// A container of one's own: it forks a task for each job and waits for it.
struct BatchPolicy {
  static constexpr std::string_view name = "batch";
  static constexpr std::string_view environment = "Batch";
  static constexpr std::string_view status = "Batch hook configured";
  static constexpr std::array<std::string_view, 2> log{"Batch available", "Batch hook configured"};
  static constexpr std::array<forksafe::Requirement, 0> requirements{};
  static constexpr forksafe::Leaving leave = forksafe::exit_with<70>;
  static constexpr forksafe::HandlerCalls handler_calls = forksafe::HandlerCalls::one_at_a_time;
  static constexpr std::array wiring{
      forksafe::native<forksafe::ApplicationPreFork>("before_job", "master"),
      forksafe::native<forksafe::ApplicationPostForkParent>("after_job_started", "master"),
      forksafe::native<forksafe::ApplicationForkFailed>("job_not_started", "master"),
      forksafe::native<forksafe::ApplicationPostFork>("in_job", "task"),
      forksafe::native<forksafe::ApplicationWorkerReaped>("job_done", "master"),
      forksafe::absent<forksafe::ApplicationPostWorkerInit>("a job has nothing to load"),
      forksafe::absent<forksafe::ApplicationWorkerReady>("a job accepts no requests"),
      forksafe::absent<forksafe::ApplicationWorkerExit>("a job ends by _exit"),
      forksafe::absent<forksafe::ApplicationWorkerAbort>("a job has no time limit"),
      forksafe::absent<forksafe::ApplicationServerStarting>("there is no server"),
      forksafe::absent<forksafe::ApplicationServerReady>("there is no server"),
      forksafe::absent<forksafe::ApplicationServerReload>("there is no server"),
      forksafe::absent<forksafe::ApplicationServerExit>("there is no server"),
  };
};

}  // namespace batch

static_assert(forksafe::ContainerPolicy<batch::BatchPolicy>);
static_assert(forksafe::emits<batch::BatchPolicy, forksafe::ApplicationPostFork>);
static_assert(!forksafe::emits<batch::BatchPolicy, forksafe::ApplicationWorkerExit>);
