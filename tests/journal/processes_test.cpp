// SPDX-License-Identifier: MIT
// A part of the module, for ProcessTable is not exported.
module;
#include "child.hpp"
#include "print.hpp"
#include "shared.hpp"
#include "skips.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <linux/sched.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>
module forksafe.journal;

import :process_table;
import :record;
import forksafe;
import toy;

using namespace forksafe;

namespace {

/// How often this process has asked whether another one lives.
int questions = 0;

}  // namespace

/// In the place of the C library's.
extern "C" int kill(pid_t process, int signal) noexcept {
  if (signal == 0) ++questions;
  return static_cast<int>(::syscall(SYS_kill, process, signal));
}

namespace {

EventContext at(Role role, int slot, int incarnation) {
  EventContext context;
  context.process = {role, 0, 0, slot, incarnation};
  context.forked = role != Role::master;
  return context;
}

/// Forks a worker that hears its first event, and returns when it has. It lives until it is killed.
pid_t living(ForkSafeApp<toy::ToyPolicy>& app, int slot, int incarnation) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  pid_t const child = ::fork();
  if (child == 0) {
    leave_the_runner();
    app.emit<"child">(ApplicationPostFork{at(Role::worker, slot, incarnation)});
    static_cast<void>(::write(ends[1], "x", 1));
    for (;;) ::pause();
  }
  char told = 0;
  BOOST_TEST(::read(ends[0], &told, 1) == 1);
  ::close(ends[0]);
  ::close(ends[1]);
  return child;
}

void kill_all(std::vector<pid_t> const& children) {
  for (pid_t const child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(the_parent_sees_what_its_children_heard) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  app.emit<"start">(ApplicationServerStarting{at(Role::master, 0, 0)});
  auto const child = in_child([&] {
    app.emit<"child">(ApplicationPostFork{at(Role::worker, 2, 3)});
    return std::to_string(::getpid());
  });
  auto const processes = app.debug().processes;
  BOOST_REQUIRE(processes.size() == 2u);
  BOOST_TEST(processes[0].role.role == Role::master);
  BOOST_TEST(!processes[0].slot);
  BOOST_TEST(processes[0].alive);
  BOOST_TEST(processes[1].role.role == Role::worker);
  BOOST_TEST(processes[1].slot == 2);
  BOOST_TEST(processes[1].incarnation == 3);
  BOOST_TEST(std::to_string(processes[1].pid) == child.text);
  BOOST_TEST(processes[1].parent == ::getpid());
  BOOST_TEST(processes[1].forked);
  BOOST_TEST(!processes[1].alive);
  BOOST_REQUIRE(processes[1].events.size() == 1u);
  BOOST_TEST(processes[1].events[0].event == "ApplicationPostFork");
  BOOST_TEST(processes[1].events[0].hook == "child");
  BOOST_TEST(processes[1].events[0].count == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_killed_child_heard_stays) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  auto const killed = in_child([&] {
    app.emit<"child">(ApplicationPostFork{at(Role::worker, 1, 1)});
    ::raise(SIGKILL);
    return std::string{};
  });
  BOOST_TEST(killed.signal() == SIGKILL);
  BOOST_TEST(app.debug().processes.at(0).events.at(0).count == 1u);
}

BOOST_AUTO_TEST_CASE(a_reaped_child_stays_dead_though_its_process_id_lives_again) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  app.emit<"child">(ApplicationPostFork{at(Role::worker, 1, 1)});
  BOOST_TEST(app.debug().processes.at(0).alive);
  BOOST_TEST(!app.debug().processes.at(0).gone);
  ApplicationWorkerReaped reaped{{at(Role::master, 0, 0)}};
  reaped.child.pid = ::getpid();
  app.emit<"gone">(reaped);
  ProcessRow const row = app.debug().processes.at(0);
  BOOST_TEST(!row.alive);
  BOOST_REQUIRE(row.gone.has_value());
  BOOST_TEST(row.born > WallTime{});
  BOOST_TEST(row.born <= *row.gone);
  app.emit<"gone">(reaped);
  BOOST_TEST(app.debug().processes.at(0).gone == row.gone);
}

BOOST_AUTO_TEST_CASE(more_processes_than_room_push_out_the_oldest_dead_ones) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  app.emit<"start">(ApplicationServerStarting{at(Role::master, 0, 0)});
  for (int number = 1; number <= 600; ++number)
    static_cast<void>(in_child([&] {
      app.emit<"child">(ApplicationPostFork{at(Role::worker, 1, number)});
      return std::string{};
    }));
  auto const all = app.journal().processes();
  BOOST_TEST(all.size() == 512u);
  BOOST_TEST(all.front().writer.pid == ::getpid());
  BOOST_TEST(all[1].writer.incarnation == 90);
  auto const gone = app.journal().departed();
  BOOST_REQUIRE(gone.size() == 1u);
  BOOST_TEST(gone[0].processes == 89u);

  // The debug object shows only the latest dead processes, and adds up the others.
  auto const processes = app.debug().processes;
  BOOST_TEST(processes.size() == 65u);
  BOOST_TEST(processes.front().role.role == Role::master);
  BOOST_TEST(processes.back().incarnation == 600);
  BOOST_TEST(processes[1].incarnation == 537);
  auto const departed = app.debug().departed;
  BOOST_REQUIRE(departed.size() == 1u);
  BOOST_TEST(departed[0].role.role == Role::worker);
  BOOST_TEST(departed[0].processes == 536u);
  BOOST_REQUIRE(departed[0].events.size() == 1u);
  BOOST_TEST(departed[0].events[0].count == 536u);
}

BOOST_AUTO_TEST_CASE(all_that_live_are_shown_however_many_have_died) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  constexpr int many = 100;
  std::vector<pid_t> children;
  for (int number = 1; number <= many; ++number) {
    static_cast<void>(in_child([&] {
      app.emit<"child">(ApplicationPostFork{at(Role::worker, number, 1)});
      return std::string{};
    }));
    children.push_back(living(app, number, 2));
  }
  auto const processes = app.debug().processes;
  BOOST_TEST(std::ranges::count(processes, true, &ProcessRow::alive) == many);
  BOOST_TEST(processes.size() < 2u * many);
  kill_all(children);
}

BOOST_AUTO_TEST_CASE(each_process_is_asked_once_whether_it_lives) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  std::vector<pid_t> const children{living(app, 1, 1), living(app, 2, 1), living(app, 3, 1)};
  questions = 0;
  DebugObject const debug = app.debug();
  BOOST_TEST(questions == 3);
  BOOST_TEST(debug.processes.size() == 3u);
  kill_all(children);
}

BOOST_AUTO_TEST_CASE(failures_in_a_row_are_counted_by_role_and_slot) {
  Shared<ProcessTable> table;
  constexpr std::uint8_t worker = 2, mule = 3;
  BOOST_TEST(table->count_startup_failure(worker, 1) == 1u);
  BOOST_TEST(table->count_startup_failure(mule, 1) == 1u);
  BOOST_TEST(table->count_startup_failure(worker, 257) == 1u);
  BOOST_TEST(table->count_startup_failure(worker, 0) == 1u);
  BOOST_TEST(table->count_startup_failure(0, 0) == 1u);
  BOOST_TEST(table->count_startup_failure(worker, 1) == 2u);
  table->reset_startup_failures(mule, 1);
  table->reset_startup_failures(worker, 257);
  BOOST_TEST(table->count_startup_failure(worker, 1) == 3u);
  BOOST_TEST(table->count_startup_failure(mule, 1) == 1u);
  for (int slot = 1'000; slot != 3'000; ++slot) BOOST_TEST(table->count_startup_failure(worker, slot) == 1u);
  BOOST_TEST(table->count_startup_failure(worker, 1) == 4u);
  table->reset_startup_failures(worker, 1'000);
  BOOST_TEST(table->count_startup_failure(worker, 9'999) == 1u);
  BOOST_TEST(table->count_startup_failure(worker, 9'999) == 2u);
}

BOOST_AUTO_TEST_CASE(many_children_at_once_each_find_a_place) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  constexpr int many = 40;
  for (int number = 1; number <= many; ++number) {
    if (::fork() == 0) {
      app.emit<"child">(ApplicationPostFork{at(Role::worker, number, 1)});
      ::_exit(0);
    }
  }
  for (int number = 0; number != many; ++number) ::wait(nullptr);
  auto const processes = app.debug().processes;
  BOOST_TEST(processes.size() == static_cast<std::size_t>(many));
  BOOST_TEST(
      std::ranges::all_of(processes, [](ProcessRow const& row) { return row.events.size() == 1 && row.events[0].count == 1; }));
}

BOOST_AUTO_TEST_SUITE_END()

// Alone: where it is skipped, no other may be.
BOOST_AUTO_TEST_SUITE(heirs)

BOOST_AUTO_TEST_CASE(another_process_that_got_the_id_of_a_dead_one_does_not_bring_it_back) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  auto const dead = in_child([&] {
    app.emit<"child">(ApplicationPostFork{at(Role::worker, 1, 1)});
    return std::to_string(::getpid());
  });
  pid_t const id = std::stoi(dead.text);
  BOOST_TEST(!app.debug().processes.at(0).alive);
  // The kernel counts the start of a process in hundredths of a second.
  auto const a_while_later = std::chrono::steady_clock::now() + std::chrono::milliseconds{50};
  while (std::chrono::steady_clock::now() < a_while_later) ::usleep(10'000);
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&id);
  arguments.set_tid_size = 1;
  long const heir = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (heir == 0)
    for (;;) ::pause();
  if (heir < 0) return skip(std::string{"the kernel gives nobody here the choice of a process id: "} + std::strerror(errno));
  BOOST_TEST(heir == id);
  BOOST_TEST(::kill(id, 0) == 0);
  BOOST_TEST(!app.debug().processes.at(0).alive);
  ::kill(id, SIGKILL);
  ::waitpid(id, nullptr, 0);
}

BOOST_AUTO_TEST_SUITE_END()
