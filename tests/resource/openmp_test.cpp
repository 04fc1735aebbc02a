// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

import forks;
import forksafe;
import forksafe.resource.openmp;
import forksafe.standalone;

using namespace forksafe;

namespace {

using App = ForkSafeApp<StandalonePolicy, PreForkOnly<OpenMp>>;
using ParallelSum = int (*)();

/// In a child of its own, so that no other runtime is in its process: what `work` makes of the probe.
template <class Work>
std::string in_process_with(char const* runtime, Work work) {
  auto const result = in_child([&]() -> std::string {
    ::alarm(60);
    void* const probe = ::dlopen((std::string{OPENMP_PROBES "/libopenmp_"} + runtime + ".so").c_str(), RTLD_NOW);
    if (probe == nullptr) return ::dlerror();
    return work(reinterpret_cast<ParallelSum>(::dlsym(probe, "parallel_sum")));
  });
  return result.text;
}

std::string outcome(ChildResult const& child) { return WIFSIGNALED(child.status) ? "signal " + std::to_string(WTERMSIG(child.status)) : child.text; }

auto const with_no_care = [](ParallelSum sum) {
  sum();
  auto const child = in_child([&] { return ::alarm(2), std::to_string(sum()); });
  return outcome(child) + " " + std::to_string(sum());
};

auto const with_forksafe = [](ParallelSum sum) {
  auto& app = *new App{"openmp"};
  sum();
  auto const child = in_worker(app, [&] { return std::to_string(sum()); });
  return outcome(child) + " " + std::to_string(sum()) + failures_of(app);
};

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

BOOST_AUTO_TEST_CASE(without_a_runtime_there_is_nothing_to_do) {
  auto& app = *new App{"openmp"};
  BOOST_TEST(in_worker(app, [] { return "served"; }).text == "served");
}

BOOST_AUTO_TEST_SUITE_END()
