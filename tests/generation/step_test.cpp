// SPDX-License-Identifier: MIT
#include "processes.hpp"
#include <boost/test/unit_test.hpp>

#if defined(__x86_64__)
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <poll.h>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#endif

import forksafe.generation;

// One thread runs the operations of the module, stepped instruction by instruction. It stops after each locked instruction,
// then a second thread forks, and the child runs the same operations: it must not wait for anything that the first thread had
// begun. The idea comes from gperftools (tcmalloc_unittest).
BOOST_AUTO_TEST_SUITE(step)

#if defined(__x86_64__)

extern "C" char const __executable_start;
extern "C" char const etext;

namespace {

using namespace std::chrono_literals;

struct FailsOnce {
  std::string operator()() { return ++calls == 1 ? throw std::runtime_error{"not yet"} : std::string{"made"}; }
  int calls = 0;
};

forksafe::ForkLocal<std::string, FailsOnce> shared;

/// The greatest generation that the stepped thread has got.
std::atomic<std::uint64_t> told{0};

void operations() {
  auto const here = forksafe::generation();
  forksafe::Origin const origin;
  for (int attempt = 0; attempt != 2; ++attempt) {
    try {
      static_cast<void>(shared.get());
    } catch (std::runtime_error const&) {}
  }
  forksafe::watch_forks();
  {
    forksafe::PreventFork const guard{"stepped", 2ms};
    forksafe::PreventFork const nested{"nested", 2ms};
    origin.require("stepped");
  }
  static_cast<void>(forksafe::unannounced_forks());
  told.store(here);
}

/// Returns 0, or the number of the failed check.
int use_in_child() {
  ::alarm(30);
  auto const parent_was_told = told.load();
  auto const overruled = forksafe::overruled_forks().count;
  operations();
  if (forksafe::generation() <= parent_was_told) return 1;
  pid_t const child = ::fork();
  if (child == 0) ::_exit(forksafe::generation() > told.load() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  if (status != 0) return 2;
  return forksafe::overruled_forks().count == overruled ? 0 : 3;
}

struct Pipes {
  int go[2];
  int command[2];
  int answer[2];
};

/// Forks on command, in two ways, and reports the results of the children.
void fork_on_command(Pipes const& pipes) {
  for (char command; ::read(pipes.command[0], &command, 1) == 1;) {
    char wrong = 0;
    pid_t (*const kinds[])() = {::fork, raw_clone};
    for (auto* const make : kinds) {
      pid_t const child = make();
      if (child == 0) ::_exit(use_in_child());
      int status = -1;
      ::waitpid(child, &status, 0);
      if (status != 0) wrong = WIFEXITED(status) ? static_cast<char>(WEXITSTATUS(status)) : 100;
    }
    static_cast<void>(::write(pipes.answer[1], &wrong, 1));
  }
}

[[noreturn]] void run_tracee(Pipes const& pipes) {
  std::thread helper{[&] { fork_on_command(pipes); }};
  char go;
  static_cast<void>(::read(pipes.go[0], &go, 1));
  for (int round = 0; round != 3; ++round) operations();
  ::_exit(0);
}

/// Whether the instruction makes its effect visible to all threads at once: LOCK, or an exchange with memory.
bool is_locked(std::array<unsigned char, 16> const& code) {
  for (std::size_t at = 0; at != code.size() - 1; ++at) {
    switch (code[at]) {
      case 0xf0: return true;
      case 0x66: continue;
      case 0x86:
      case 0x87: return code[at + 1] < 0xc0;
    }
    if (code[at] < 0x40 || code[at] > 0x4f) return false;
  }
  return false;
}

std::array<unsigned char, 16> code_at(pid_t tracee, std::uint64_t address) {
  std::array<unsigned char, 16> code{};
  for (std::size_t half = 0; half != 2; ++half) {
    long const word = ::ptrace(PTRACE_PEEKTEXT, tracee, address + 8 * half, nullptr);
    std::memcpy(code.data() + 8 * half, &word, 8);
  }
  return code;
}

struct Outcome {
  int points = 0;
  int wrong = 0;
  int hung = 0;
  bool finished = false;
  std::set<std::uint64_t> addresses{};
};

void fork_here(Pipes const& pipes, Outcome& outcome) {
  ++outcome.points;
  char answer = 0;
  static_cast<void>(::write(pipes.command[1], "f", 1));
  pollfd ready{pipes.answer[0], POLLIN, 0};
  if (::poll(&ready, 1, 120'000) != 1 || ::read(pipes.answer[0], &answer, 1) != 1) {
    ++outcome.hung;
  } else if (answer != 0) {
    BOOST_TEST_MESSAGE("a child found fault " << int{answer} << " at fork point " << outcome.points);
    ++outcome.wrong;
  }
}

/// Steps until the tracee exits.
Outcome step(pid_t tracee, Pipes const& pipes) {
  Outcome outcome;
  auto const begin = reinterpret_cast<std::uint64_t>(&__executable_start);
  auto const end = reinterpret_cast<std::uint64_t>(&etext);
  bool after_locked = false;
  for (int status = 0; ::waitpid(tracee, &status, __WALL) == tracee && outcome.hung == 0;) {
    if (!WIFSTOPPED(status)) {
      outcome.finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      return outcome;
    }
    if (after_locked) fork_here(pipes, outcome);
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, tracee, nullptr, &registers);
    bool const is_ours = registers.rip >= begin && registers.rip < end;
    after_locked = is_ours && is_locked(code_at(tracee, registers.rip));
    if (after_locked) outcome.addresses.insert(registers.rip - begin);
    ::ptrace(PTRACE_SINGLESTEP, tracee, nullptr, nullptr);
  }
  ::kill(tracee, SIGKILL);
  return outcome;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fork_after_each_locked_instruction_hangs_nobody, *boost::unit_test::timeout(300)) {
  if (under_asan || under_tsan) return skip("the sanitizer's runtime, with locks of its own, is part of this program's code");
  Pipes pipes{};
  for (auto* const ends : {pipes.go, pipes.command, pipes.answer}) BOOST_REQUIRE(::pipe(ends) == 0);
  // These are made once in the parent, and have to be made again in the stepped child.
  static_cast<void>(forksafe::generation());
  pid_t const tracee = ::fork();
  if (tracee == 0) run_tracee(pipes);
  if (::ptrace(PTRACE_SEIZE, tracee, nullptr, nullptr) != 0) {
    int const reason = errno;
    ::kill(tracee, SIGKILL);
    ::waitpid(tracee, nullptr, 0);
    return skip(std::string{"this system refuses ptrace: "} + std::strerror(reason));
  }
  // The tracee stops in the read() in which it waits; that returns when there is something to read.
  ::ptrace(PTRACE_INTERRUPT, tracee, nullptr, nullptr);
  static_cast<void>(::write(pipes.go[1], "g", 1));
  Outcome const outcome = step(tracee, pipes);
  BOOST_TEST_MESSAGE(outcome.points << " fork points at " << outcome.addresses.size() << " instructions");
  BOOST_TEST(outcome.finished);
  BOOST_TEST(outcome.hung == 0);
  BOOST_TEST(outcome.wrong == 0);
  // Each operation has several locked instructions. Fewer stops mean that the operations were not stepped.
  BOOST_TEST(outcome.points > 10);
  BOOST_TEST(outcome.addresses.size() > 5u);
}

#else

BOOST_AUTO_TEST_CASE(a_fork_after_each_locked_instruction_hangs_nobody, *boost::unit_test::timeout(300)) {
  skip("only x86-64 has instructions with a LOCK prefix");
}

#endif

BOOST_AUTO_TEST_SUITE_END()
