// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>
#include <unistd.h>

import forksafe;
import toy;

using namespace forksafe;

namespace {

Occurrence at(Role role, int slot, int incarnation) {
  Occurrence occurrence;
  occurrence.process = {role, 0, 0, slot, incarnation};
  occurrence.forked = role != Role::master;
  return occurrence;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(the_parent_sees_what_its_children_heard) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  app.deliver<"start">(ApplicationServerStarting{at(Role::master, 0, 0)});
  auto const child = in_child([&] {
    app.deliver<"child">(ApplicationPostFork{at(Role::worker, 2, 3)});
    return std::to_string(::getpid());
  });
  auto const processes = app.debug().processes;
  BOOST_REQUIRE(processes.size() == 2u);
  BOOST_TEST(processes[0].role == "master");
  BOOST_TEST(!processes[0].slot);
  BOOST_TEST(processes[0].alive);
  BOOST_TEST(processes[1].role == "worker");
  BOOST_TEST((processes[1].slot == 2 && processes[1].incarnation == 3));
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
    app.deliver<"child">(ApplicationPostFork{at(Role::worker, 1, 1)});
    ::raise(SIGKILL);
    return std::string{};
  });
  BOOST_TEST(WIFSIGNALED(killed.status));
  BOOST_TEST(app.debug().processes.at(0).events.at(0).count == 1u);
}

BOOST_AUTO_TEST_CASE(a_reaped_child_stays_dead_though_its_process_id_lives_again) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  app.deliver<"child">(ApplicationPostFork{at(Role::worker, 1, 1)});
  BOOST_TEST(app.debug().processes.at(0).alive);
  BOOST_TEST(!app.debug().processes.at(0).gone);
  ApplicationWorkerReaped reaped{at(Role::master, 0, 0)};
  reaped.child.pid = ::getpid();
  app.deliver<"gone">(reaped);
  ProcessRow const row = app.debug().processes.at(0);
  BOOST_TEST(!row.alive);
  BOOST_REQUIRE(row.gone.has_value());
  BOOST_TEST(row.born.size() == 27u);
  BOOST_TEST(row.born <= *row.gone);
  app.deliver<"gone">(reaped);
  BOOST_TEST((app.debug().processes.at(0).gone == row.gone));
}

BOOST_AUTO_TEST_CASE(more_processes_than_room_push_out_the_oldest_dead_ones) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  app.deliver<"start">(ApplicationServerStarting{at(Role::master, 0, 0)});
  for (int number = 1; number <= 600; ++number)
    static_cast<void>(in_child([&] {
      app.deliver<"child">(ApplicationPostFork{at(Role::worker, 1, number)});
      return std::string{};
    }));
  auto const processes = app.debug().processes;
  BOOST_TEST(processes.size() == 512u);
  BOOST_TEST(processes.front().role == "master");
  BOOST_TEST((processes.back().incarnation == 600));
  BOOST_TEST((processes[1].incarnation == 90));
  auto const departed = app.debug().departed;
  BOOST_REQUIRE(departed.size() == 1u);
  BOOST_TEST(departed[0].role == "worker");
  BOOST_TEST(departed[0].processes == 89u);
  BOOST_REQUIRE(departed[0].events.size() == 1u);
  BOOST_TEST(departed[0].events[0].count == 89u);
}

BOOST_AUTO_TEST_CASE(many_children_at_once_each_find_a_place) {
  auto& app = *new ForkSafeApp<toy::ToyPolicy>{"processes"};
  constexpr int many = 40;
  for (int number = 1; number <= many; ++number) {
    if (::fork() == 0) {
      app.deliver<"child">(ApplicationPostFork{at(Role::worker, number, 1)});
      ::_exit(0);
    }
  }
  for (int number = 0; number != many; ++number) ::wait(nullptr);
  auto const processes = app.debug().processes;
  BOOST_TEST(processes.size() == static_cast<std::size_t>(many));
  BOOST_TEST(std::ranges::all_of(processes, [](ProcessRow const& row) {
    return row.events.size() == 1 && row.events[0].count == 1;
  }));
}

BOOST_AUTO_TEST_SUITE_END()
