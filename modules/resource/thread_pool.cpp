// SPDX-License-Identifier: MIT
module;
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>
module forksafe.resource.thread_pool;

namespace forksafe {

void ThreadPool::start() {
  if (state_.find() == nullptr) state_.emplace([] { return State{}; });
  State& state = *state_.find();
  for (std::size_t thread = 0; thread != size_; ++thread)
    state.threads.emplace_back([&state, round = state.round.load()] {
      while (state.round == round) state.context.run_one();
    });
}

bool ThreadPool::stop(std::chrono::steady_clock::time_point until) {
  State& state = *state_.find();
  ++state.round;
  // Wakes those that wait for work.
  for (std::size_t thread = 0; thread != state.threads.size(); ++thread) post([] {});
  std::erase_if(state.threads, [&](std::thread& thread) { return join_until(thread, until); });
  return state.threads.empty();
}

}  // namespace forksafe
