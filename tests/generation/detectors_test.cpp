// SPDX-License-Identifier: MIT
// detectors_test -- DETECTORS    DETECTORS are the means of seeing a fork that exist. A process chooses them once.
#include "processes.hpp"
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

import forksafe.generation;

using forksafe::generation;

namespace {

/// Makes the kernel answer MADV_WIPEONFORK, or every advice, with `answer` from now on.
bool answer_advice(unsigned answer, bool any_advice) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | (any_advice ? BPF_JGE : BPF_JEQ) | BPF_K, any_advice ? 0u : unsigned{MADV_WIPEONFORK}, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog const filter{sizeof program / sizeof *program, program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

struct Detectors {
  bool has_page = true;
  bool has_handler = false;
  bool usable = true;
};

Detectors given;

struct Chosen {
  Chosen() {
    auto const& suite = boost::unit_test::framework::master_test_suite();
    std::string const name = suite.argc == 2 ? suite.argv[1] : "";
    if (name != "page_and_handler" && name != "page" && name != "handler" && name != "process_id" && name != "any_advice")
      throw std::invalid_argument{"name the detectors"};
    given.has_page = name.starts_with("page");
    given.has_handler = name == "page_and_handler" || name == "handler" || name == "any_advice";
    if (!given.has_page) given.usable = answer_advice(name == "any_advice" ? 0 : EINVAL, name == "any_advice");
    if (given.usable && given.has_handler) forksafe::watch_forks();
  }
};

std::string found_by_threads(std::uint64_t before) {
  std::string text;
  for (std::uint64_t const found : in_threads(4, generation)) text += std::to_string(found - before);
  return text;
}

std::string found_here(std::uint64_t before) { return std::to_string(generation() - before); }

/// Returns what a child finds, `levels` deep: alone and in threads, in this order or the other.
std::string found_in_child(std::uint64_t before, bool threads_first, int levels, pid_t (*make)()) {
  return in_child(
             [=] {
               std::string text = threads_first ? found_by_threads(before) + found_here(before)
                                                : found_here(before) + found_by_threads(before);
               if (levels > 1) text += " " + found_in_child(before, threads_first, levels - 1, make) + " " + found_here(before);
               return text;
             },
             make)
      .text;
}

struct CountCalls {
  int operator()() { return ++calls; }
  int calls = 0;
};
struct CountAndOwn {
  std::string operator()() { return std::to_string(++calls); }
  int calls = 0;
};

/// Returns what a child of a process with the id 1 finds, in a namespace where it has the id 1 too.
std::string found_with_the_same_id(pid_t (*make)()) {
  return in_child([=] {
           if (::getpid() != 1) return std::string{"not the first process of its namespace"};
           auto const before = generation();
           forksafe::Origin const origin;
           if (::unshare(CLONE_NEWPID) != 0) return std::string{"no namespace"};
           return in_child(
                      [&] {
                        return std::to_string(::getpid()) + (origin.is_current() ? " same " : " other ") + found_here(before);
                      },
                      make)
               .text;
         })
      .text;
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Chosen);

BOOST_AUTO_TEST_SUITE(detectors)

BOOST_AUTO_TEST_CASE(it_says_whether_it_sees_every_fork) {
  if (!given.usable) return skip("this system refuses a seccomp filter");
  BOOST_TEST(forksafe::sees_every_fork() == given.has_page);
  BOOST_TEST(generation() == 1u);
  BOOST_TEST(found_by_threads(0) == "1111");
}

BOOST_AUTO_TEST_CASE(two_levels_of_forks_count_threads_or_process_first) {
  if (!given.usable) return skip("this system refuses a seccomp filter");
  auto const before = generation();
  pid_t (*const kinds[])() = {::fork, ::_Fork, raw_clone};
  for (auto* const make : kinds)
    for (bool const threads_first : {true, false}) {
      BOOST_TEST(found_in_child(before, threads_first, 2, make) == "11111 22222 1");
      BOOST_TEST(generation() == before);
    }
}

BOOST_AUTO_TEST_CASE(random_state_is_remade_at_each_use_where_a_fork_could_be_missed) {
  if (!given.usable) return skip("this system refuses a seccomp filter");
  forksafe::ForkLocal<int, CountCalls> state;
  BOOST_TEST(state.get() == 1);
  BOOST_TEST(state.get() == (given.has_page ? 1 : 2));
  BOOST_TEST(state.get() == (given.has_page ? 1 : 3));
  forksafe::ForkLocal<std::string, CountAndOwn> owner;
  BOOST_TEST(owner.get() == "1");
  BOOST_TEST(owner.get() == "1");
  BOOST_TEST(in_child([&] { return owner.get() + owner.get(); }, raw_clone).text == "22");
}

BOOST_AUTO_TEST_CASE(no_guard_crosses_a_fork) {
  if (!given.usable) return skip("this system refuses a seccomp filter");
  auto const result = in_child([] {
    forksafe::PreventFork const guard{"of the parent", std::chrono::hours{1}};
    return in_child(
               [] {
                 auto const before = forksafe::overruled_forks().count;
                 static_cast<void>(in_child([] { return std::string{}; }));
                 forksafe::PreventFork const own{"of the child", std::chrono::hours{1}};
                 return std::to_string(forksafe::overruled_forks().count - before);
               },
               raw_clone)
        .text;
  });
  BOOST_TEST(result.text == "0");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pid_namespace)

BOOST_AUTO_TEST_CASE(a_child_with_the_id_of_its_parent_counts) {
  if (!given.usable) return skip("this system refuses a seccomp filter");
  auto const result = in_child([] {
    if (::unshare(CLONE_NEWPID) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) return std::string{"refused"};
    return found_with_the_same_id(::fork);
  });
  if (result.text == "refused") return skip("this user may not make a pid namespace");
  BOOST_TEST(result.text == (given.has_page || given.has_handler ? "1 other 1" : "1 same 0"));
  if (!given.has_page) return;
  BOOST_TEST(in_child([] {
               static_cast<void>(::unshare(CLONE_NEWPID) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0);
               return found_with_the_same_id(raw_clone);
             }).text == "1 other 1");
}

BOOST_AUTO_TEST_SUITE_END()
