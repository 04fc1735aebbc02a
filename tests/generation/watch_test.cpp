// SPDX-License-Identifier: MIT
#include "processes.hpp"
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdint>
#include <random>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

import forksafe.generation;

namespace {

std::atomic<int> prepared{0};
std::atomic<int> returned{0};

void on_prepare() noexcept {
  ++prepared;
  errno = 1;
}
void on_return() noexcept {
  ++returned;
  errno = 1;
}

/// A counter of 0 calls.
struct Fresh {
  Fresh() { prepared = returned = 0; }
};

struct Watched {
  Watched() { forksafe::watch_forks({on_prepare, on_return}); }
  ~Watched() { forksafe::watch_forks(); }
};

std::string nothing() { return {}; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(watch, Fresh)

BOOST_AUTO_TEST_CASE(a_watch_without_handlers_is_fine) {
  forksafe::watch_forks({nullptr, nullptr});
  BOOST_TEST(in_child(nothing).status == 0);
}

BOOST_AUTO_TEST_CASE(a_watch_sees_both_sides_in_the_parent_and_only_of_real_forks) {
  {
    Watched const watched;
    BOOST_TEST(in_child([] { return std::to_string(prepared) + std::to_string(returned); }).text == "10");
    static_cast<void>(in_child(nothing, ::_Fork));
    static_cast<void>(in_child(nothing, raw_clone));
  }
  static_cast<void>(in_child(nothing));
  BOOST_TEST(prepared == 1);
  BOOST_TEST(returned == 1);
}

BOOST_AUTO_TEST_CASE(a_watch_is_told_in_the_child_when_its_generation_is_known) {
  static std::atomic<std::uint64_t> seen{0};
  forksafe::watch_forks({.child = []() noexcept { seen = forksafe::generation(); }});
  std::uint64_t const here = forksafe::generation();
  auto const child = [] { return std::to_string(seen); };
  BOOST_TEST(in_child(child).text == std::to_string(here + 1));
  BOOST_TEST(in_child(child, ::_Fork).text == "0");
  BOOST_TEST(seen == 0);
  forksafe::watch_forks();
  BOOST_TEST(in_child(child).text == "0");
}

BOOST_AUTO_TEST_CASE(a_fork_that_a_watch_makes_is_counted_and_nobody_is_told) {
  static int before = 0;
  static int after = 0;
  static int in_children = 0;
  static std::string inner;
  auto const unannounced = forksafe::unannounced_forks();
  auto const shown = [] { return std::to_string(in_children) + "/" + std::to_string(forksafe::generation()); };
  auto const here = forksafe::generation();
  forksafe::watch_forks({.prepare =
                             []() noexcept {
                               ++before;
                               inner = in_child([] {
                                         return std::to_string(in_children) + "/" + std::to_string(forksafe::generation()) +
                                                "/" + std::to_string(forksafe::unannounced_forks());
                                       }).text;
                             },
                         .parent =
                             []() noexcept {
                               ++after;
                               static_cast<void>(in_child(nothing));
                             },
                         .child = []() noexcept { ++in_children; }});
  std::string const outer = in_child(shown).text;
  forksafe::watch_forks();
  BOOST_TEST(inner == "0/" + std::to_string(here + 1) + "/" + std::to_string(unannounced));
  BOOST_TEST(outer == "1/" + std::to_string(here + 1));
  BOOST_TEST(before == 1);
  BOOST_TEST(after == 1);
  BOOST_TEST(forksafe::unannounced_forks() == unannounced);
}

BOOST_AUTO_TEST_CASE(handlers_keep_errno_and_a_watch_set_twice_is_called_once) {
  Watched const watched;
  Watched const again;
  errno = 4711;
  pid_t const child = ::fork();
  if (child == 0) ::_exit(errno == 4711 ? 0 : 1);
  BOOST_TEST(errno == 4711);
  int status = -1;
  ::waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  BOOST_TEST(prepared == 1);
  BOOST_TEST(returned == 1);
}

BOOST_AUTO_TEST_CASE(a_fork_that_fails_still_returns_and_counts_nothing) {
  BOOST_TEST(in_child([] {
               prepared = returned = 0;
               Watched const watched;
               auto const before = forksafe::generation();
               // This user, who is not root, may start no further process.
               if (::setuid(65534) != 0 && ::getuid() == 0) return std::string{"still root"};
               rlimit const none{0, 0};
               ::setrlimit(RLIMIT_NPROC, &none);
               pid_t const child = ::fork();
               if (child == 0) ::_exit(0);
               bool const failed = child == -1 && errno == EAGAIN;
               return std::string{failed ? "failed " : "forked "} + std::to_string(prepared) + std::to_string(returned) +
                      std::to_string(forksafe::generation() - before);
             }).text == "failed 110");
}

BOOST_AUTO_TEST_CASE(a_child_can_fork_again_under_the_same_watch) {
  Watched const watched;
  auto const result = in_child([] {
    auto const inner = in_child([] { return std::to_string(prepared) + std::to_string(returned); });
    return inner.text + std::to_string(prepared) + std::to_string(returned);
  });
  BOOST_TEST(result.text == "2021");
  BOOST_TEST(prepared == 1);
  BOOST_TEST(returned == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(watch_threads, Fresh)

// Five threads make forty calls each: one in ten forks, the others set the watch.
BOOST_AUTO_TEST_CASE(threads_that_fork_and_watch_see_each_fork_on_both_sides) {
  if (under_tsan) return skip("the thread sanitizer does not support forks of several threads at once");
  auto const before = forksafe::generation();
  auto const unannounced = forksafe::unannounced_forks();
  std::atomic<int> forks{0};
  std::atomic<int> sound{0};
  std::vector<std::thread> threads;
  forksafe::watch_forks({on_prepare, on_return});
  for (unsigned index = 0; index != 5; ++index)
    threads.emplace_back([&, index] {
      std::minstd_rand chance{index + 1};
      for (int iteration = 0; iteration != 40; ++iteration) {
        if (chance() % 10 != 0) {
          forksafe::watch_forks({on_prepare, on_return});
          continue;
        }
        ++forks;
        pid_t const child = ::fork();
        if (child == 0) {
          ::alarm(60);
          // The child sets a watch, forks, and goes on counting.
          forksafe::watch_forks({on_prepare, on_return});
          bool const counted = forksafe::generation() == before + 1 && forksafe::unannounced_forks() == unannounced;
          auto const inner = in_child([&] { return std::to_string(forksafe::generation() - before); });
          ::_exit(counted && inner.text == "2" ? 0 : 1);
        }
        int status = -1;
        ::waitpid(child, &status, 0);
        if (status == 0) ++sound;
      }
    });
  for (std::thread& thread : threads) thread.join();
  forksafe::watch_forks();
  BOOST_TEST(forks > 0);
  BOOST_TEST(sound == forks);
  BOOST_TEST(prepared == forks);
  BOOST_TEST(returned == forks);
  BOOST_TEST(forksafe::generation() == before);
}

BOOST_AUTO_TEST_SUITE_END()
