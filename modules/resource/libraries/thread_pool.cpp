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
  std::size_t started = 0;
  try {
    for (; started != size_; ++started)
      state.threads.emplace_back([&state, round = state.round.load()] {
        while (state.round == round) state.context.run_one();
      });
  } catch (...) {
    end_round(started);
    throw;
  }
}

void ThreadPool::end_round(std::size_t threads) {
  ++state_.find()->round;
  // Wakes the threads that wait for work.
  for (std::size_t thread = 0; thread != threads; ++thread) post([] {});
}

bool ThreadPool::stop(std::chrono::steady_clock::time_point until) {
  if (state_.find() == nullptr) return true;
  State& state = *state_.find();
  end_round(state.threads.size());
  std::erase_if(state.threads, [&](std::thread& thread) { return join_until(thread, until); });
  return state.threads.empty();
}

}  // namespace forksafe
