// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <dlfcn.h>
#include <filesystem>
#include <string>
#include <thread>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.openmp;
import forksafe.standalone;

using namespace forksafe;

namespace {

using App = ForkSafeApp<StandalonePolicy, PreForkOnly<OpenMp>>;
using ParallelSum = int (*)();

/// Returns what `work` makes of the probe in a new child, so that its process has no other runtime. A `library` of the same
/// folder is loaded before the probe.
template <class Work>
std::string in_process_with(std::string const& runtime, Work work, char const* library = nullptr) {
  std::string const folder = OPENMP_PROBES "/";
  auto const result = in_child([&]() -> std::string {
    if (library != nullptr && ::dlopen((folder + library).c_str(), RTLD_NOW) == nullptr) return ::dlerror();
    void* const probe = ::dlopen((folder + "libopenmp_" + runtime + ".so").c_str(), RTLD_NOW);
    if (probe == nullptr) return ::dlerror();
    return work(reinterpret_cast<ParallelSum>(::dlsym(probe, "parallel_sum")));
  });
  return result.text;
}

auto const with_no_care = [](ParallelSum sum) {
  sum();
  auto const child = in_child([&] { return ::alarm(2), std::to_string(sum()); });
  return child.outcome() + " " + std::to_string(sum());
};

auto const with_forksafe = [](ParallelSum sum) {
  auto& app = *new App{"openmp"};
  sum();
  auto const child = in_worker(app, [&] { return std::to_string(sum()); });
  return child.outcome() + " " + std::to_string(sum()) + failures_of(app);
};

/// Returns how many threads are left after all resources were notified of a fork.
auto const threads_before_fork = [](ParallelSum sum) {
  auto& app = *new App{"openmp"};
  sum();
  before_fork(app);
  return std::to_string(std::ranges::distance(std::filesystem::directory_iterator{"/proc/self/task"}));
};

/// The name of GCC's runtime, which loads LLVM's in its place.
constexpr char const* name_of_gcc_s = "libgomp.so.1";

/// GCC's runtime as before GCC 9, without the function that ends its threads.
constexpr char const* old_one_of_gcc = "libgomp-old.so.1";

std::string const hung = "signal " + std::to_string(SIGALRM) + " 10";

}  // namespace

BOOST_AUTO_TEST_SUITE(openmp)

BOOST_AUTO_TEST_CASE(unprotected_gcc_s_runtime_hangs_the_child) { BOOST_TEST(in_process_with("gnu", with_no_care) == hung); }

BOOST_AUTO_TEST_CASE(gcc_s_runtime_serves_on_both_sides) { BOOST_TEST(in_process_with("gnu", with_forksafe) == "10 10"); }

BOOST_AUTO_TEST_CASE(gcc_s_runtime_can_be_found_in_a_process_that_never_used_it) {
  auto const result = in_process_with("gnu", [](ParallelSum sum) {
    auto& app = *new App{"openmp"};
    return in_worker(app, [&] { return std::to_string(sum()); }).text;
  });
  BOOST_TEST(result == "10");
}

BOOST_AUTO_TEST_CASE(llvm_s_runtime_serves_by_itself_and_is_left_alone) {
  BOOST_TEST(in_process_with("llvm", with_no_care) == "10 10");
  BOOST_TEST(in_process_with("llvm", with_forksafe) == "10 10");
}

BOOST_AUTO_TEST_CASE(only_gcc_s_runtime_is_ended_before_a_fork) {
  BOOST_TEST(in_process_with("gnu", threads_before_fork) == "1");
  BOOST_TEST(in_process_with("llvm", threads_before_fork) == "4");
  BOOST_TEST(in_process_with("llvm", threads_before_fork, name_of_gcc_s) == "4");
  BOOST_TEST(in_process_with("llvm", with_forksafe, name_of_gcc_s) == "10 10");
}

BOOST_AUTO_TEST_CASE(an_old_runtime_of_gcc_vetoes_where_it_may_have_threads_only) {
  auto const serves = [](auto prepare) {
    auto const work = [prepare](ParallelSum sum) {
      auto& app = *new App{"openmp"};
      prepare();
      auto const child = in_worker(app, [&] { return std::to_string(sum()); });
      return child.outcome() + " " + failures_of(app);
    };
    return in_process_with("gnu", work, old_one_of_gcc);
  };
  BOOST_TEST(serves([] {}) == "10 ");
  std::string const vetoed = serves([] { std::thread{[] { ::pause(); }}.detach(); });
  BOOST_TEST(vetoed.find("older than GCC 9") != vetoed.npos, vetoed);
  BOOST_TEST(vetoed.find("OMP_NUM_THREADS=1") != vetoed.npos, vetoed);
}

BOOST_AUTO_TEST_CASE(without_a_runtime_there_is_nothing_to_do) {
  auto& app = *new App{"openmp"};
  BOOST_TEST(in_worker(app, [] { return "served"; }).text == "served");
}

BOOST_AUTO_TEST_SUITE_END()
