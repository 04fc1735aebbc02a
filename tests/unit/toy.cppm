// SPDX-License-Identifier: MIT
module;
#include <array>
#include <string_view>
export module toy;

import forksafe;

export namespace toy {

/// The smallest policy: a container that only forks.
struct ToyPolicy {
  static constexpr std::string_view name = "toy";
  static constexpr std::string_view environment = "Toy";
  static constexpr std::string_view status = "Toy hook configured";
  static constexpr std::array<std::string_view, 1> log{"Toy available"};
  static constexpr std::array requirements{forksafe::Requirement{"--toy", "Toy error: start it with --toy"}};
  static constexpr forksafe::Leaving leave = forksafe::exit_with<70>;
  static constexpr forksafe::HandlerCalls handler_calls = forksafe::HandlerCalls::one_at_a_time;
  static constexpr std::array wiring{
      forksafe::native<forksafe::ApplicationPreFork>("before", "master"),
      forksafe::emulated<forksafe::ApplicationPreFork>("pthread_atfork_prepare", "master"),
      forksafe::native<forksafe::ApplicationPostForkParent>("after", "master"),
      forksafe::emulated<forksafe::ApplicationPostForkParent>("pthread_atfork_parent", "master"),
      forksafe::native<forksafe::ApplicationForkFailed>("after", "master"),
      forksafe::native<forksafe::ApplicationPostFork>("child", "worker"),
      forksafe::emulated<forksafe::ApplicationPostFork>("first_use", "worker"),
      forksafe::emulated<forksafe::ApplicationPostWorkerInit>("child", "worker"),
      forksafe::emulated<forksafe::ApplicationWorkerReady>("child", "worker"),
      forksafe::native<forksafe::ApplicationWorkerExit>("exit", "worker"),
      forksafe::native<forksafe::ApplicationWorkerReaped>("gone", "master"),
      forksafe::absent<forksafe::ApplicationWorkerAbort>("it has no time limit"),
      forksafe::native<forksafe::ApplicationServerStarting>("start", "master"),
      forksafe::absent<forksafe::ApplicationServerReady>("it has no sockets"),
      forksafe::absent<forksafe::ApplicationServerReload>("it can't reload"),
      forksafe::absent<forksafe::ApplicationServerExit>("it can't end"),
  };
};

/// The facts that a forked worker, or the master, gives with an event.
inline forksafe::EventContext worker(int slot = 1, int incarnation = 1) {
  forksafe::EventContext context;
  context.process = {forksafe::Role::worker, 0, 0, slot, incarnation};
  context.forked = true;
  return context;
}
inline forksafe::EventContext master() {
  forksafe::EventContext context;
  context.process.role = forksafe::Role::master;
  return context;
}

}  // namespace toy

static_assert(forksafe::ContainerPolicy<toy::ToyPolicy>);
static_assert(!forksafe::emits<toy::ToyPolicy, forksafe::ApplicationServerReload>);
