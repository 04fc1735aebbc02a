// SPDX-License-Identifier: MIT
#include "processes.hpp"
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

import forksafe.generation;

namespace {

/// The address sanitizer makes a fork a hundred times slower.
constexpr int fork_count = under_asan ? 200 : 10'000;

/// The value is never made in the parent, so that at most forks some thread is inside its factory.
struct FailsInParent {
  std::string operator()() const {
    if (!in_child) throw std::runtime_error{"not here"};
    return "made";
  }
  static inline std::atomic<bool> in_child{false};
};

using Shared = forksafe::ForkLocal<std::string, FailsInParent>;

void use(Shared& shared) {
  try {
    static_cast<void>(shared.get());
  } catch (std::runtime_error const&) {}
}

void watch_and_guard() {
  forksafe::PreventFork const guard{"storm"};
  forksafe::watch_forks();
  {
    forksafe::PreventFork const nested{"nested"};
    static_cast<void>(forksafe::generation());
  }
  static_cast<void>(forksafe::unannounced_forks());
}

/// Returns the exit status of a child: 0, or the number of the failed check.
int use_everything(Shared& shared, std::uint64_t parent, std::uint64_t overruled, bool nests) {
  FailsInParent::in_child = true;
  if (shared.get() != "made") return 1;
  if (forksafe::generation() != parent + 1 || forksafe::unannounced_forks() != 0) return 2;
  watch_and_guard();
  if (nests) {
    pid_t const child = ::fork();
    if (child == 0) ::_exit(forksafe::generation() == parent + 2 ? 0 : 1);
    int status = -1;
    ::waitpid(child, &status, 0);
    if (status != 0) return 3;
  }
  // The child has no other thread: no guard and no fork may have waited.
  return forksafe::overruled_forks().count == overruled ? 0 : 4;
}

/// Leaves a part of the processor time to the forks.
template <class Work>
void for_a_while(Work work) {
  for (int count = 0; count != 20; ++count) work();
  std::this_thread::sleep_for(std::chrono::microseconds{20});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storm)

BOOST_AUTO_TEST_CASE(ten_thousand_forks_under_threads_that_take_all_locks, *boost::unit_test::timeout(300)) {
  if (under_tsan) return skip("the thread sanitizer does not support forks of a process with several threads");
  forksafe::watch_forks();
  auto const generation = forksafe::generation();
  Shared shared;
  std::atomic<bool> done{false};
  std::vector<std::jthread> threads;
  for (int index = 0; index != 2; ++index) {
    threads.emplace_back([&] {
      while (!done) for_a_while(watch_and_guard);
    });
    threads.emplace_back([&] {
      while (!done) for_a_while([&] { use(shared); });
    });
  }
  int statuses[256]{};
  for (int count = 0; count != fork_count; ++count) {
    pid_t const child = ::fork();
    if (child == 0) {
      ::alarm(60);
      ::_exit(use_everything(shared, generation, forksafe::overruled_forks().count, count % 10 == 0));
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    ++statuses[WIFEXITED(status) ? WEXITSTATUS(status) : 255];
  }
  done = true;
  threads.clear();
  BOOST_TEST(statuses[0] == fork_count);
  for (int status = 1; status != 256; ++status)
    if (statuses[status] != 0) BOOST_ERROR("status " << status << ": " << statuses[status] << " children");
  BOOST_TEST(forksafe::generation() == generation);
}

BOOST_AUTO_TEST_SUITE_END()
