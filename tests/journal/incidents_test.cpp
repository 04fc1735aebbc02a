// SPDX-License-Identifier: MIT
// A part of the module, for Ring and ProcessTable are not exported.
module;
#include "child.hpp"
#include "print.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>
module forksafe.journal;

import :process_table;
import :record;
import :ring;
import :shared_journal;
import forksafe;
import toy;

using namespace forksafe;
using namespace std::chrono_literals;

namespace {

std::uint64_t generation = 1;
std::uint64_t own_generation() noexcept { return generation; }

/// A pid above the greatest that a kernel gives to a process.
constexpr pid_t no_process = 1 << 30;
constexpr std::uint8_t role = 2;

std::vector<EventHook> const event_hooks{
    {"Start", "start"}, {"ForkFailed", "after", Meaning::fork_failed}, {"Exit", "exit", Meaning::orderly_end}};

/// Makes up times, and processes too: these are dead unless `pid` is alive.
struct Story {
  Journal journal{event_hooks, own_generation};
  SteadyTime now = SteadyTime::clock::now();
  pid_t last = no_process;

  void enter(Writer const& writer, SteadyTime born) {
    ++generation;
    journal.enter(writer, born);
  }

  void process(int slot, SteadyTime born, pid_t pid = 0) { enter({role, pid == 0 ? ++last : pid, 1, slot, 1, true}, born); }

  void processes(int slot, int many, std::chrono::milliseconds apart) {
    for (int number = 0; number != many; ++number) process(slot, now += apart);
  }

  std::string incidents() {
    std::string text;
    for (Incident const& incident : journal.incidents()) {
      text += std::string{name_of(incident.kind)} + " slot " + std::to_string(incident.slot) + " x" +
              std::to_string(incident.times);
      if (!incident.event.empty()) text += " " + std::string{incident.event} + " " + std::string{incident.hook};
      text += (incident.subscriber.empty() ? "" : " ") + incident.subscriber + "; ";
    }
    return text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(incidents, Story)

BOOST_AUTO_TEST_CASE(a_child_that_was_gone_before_it_entered) {
  process(1, now);
  BOOST_TEST(journal.mark_exited(last, now));
  BOOST_TEST(journal.mark_exited(last, now), "told twice, it is no other child");
  BOOST_TEST(journal.mark_exited(0, now), "of one whose id is not known nothing is known");
  BOOST_TEST(incidents() == "");
  BOOST_TEST(!journal.mark_exited(last + 1, now));
  journal.miss({role, last + 1, 1, 7}, now);
  journal.miss({role, last + 2, 1, 8}, now - incident_age - 1s);
  BOOST_TEST(incidents() == "never_arrived slot 7 x1; ");
  for (int slot = 1; slot != 200; ++slot) journal.miss({role, last + slot, 1, 9}, now);
  BOOST_TEST(journal.incidents().size() == 128u, "the oldest are forgotten");
}

BOOST_AUTO_TEST_CASE(a_child_that_has_not_entered_in_time) {
  SteadyTime const forked = now - arrival_limit - 1s;
  for (int slot = 1; slot != 6; ++slot) journal.expect({role, no_process + slot, 1, slot}, forked);
  process(1, forked - 1s);
  BOOST_TEST(!journal.mark_exited(no_process + 2, now));
  journal.miss({role, no_process + 2, 1, 2}, now);
  journal.excuse({role, no_process + 3, 1, 3});
  // An earlier process had the pid of one of them.
  enter({role, no_process + 4, 1, 4, 1, true}, forked - 1min);
  journal.expect({role, no_process + 6, 1, 6}, now);
  BOOST_TEST(incidents() == "never_arrived slot 4 x1; never_arrived slot 5 x1; never_arrived slot 2 x1; ");
}

BOOST_AUTO_TEST_CASE(a_child_whose_id_nobody_knew_has_its_place) {
  SteadyTime const forked = now - arrival_limit - 1s;
  for (int incarnation = 1; incarnation != 4; ++incarnation) journal.expect({role, 0, 1, 1, incarnation}, forked);
  journal.expect({role, 0, 1, 2, 1}, forked);
  enter({role, ++last, 1, 1, 1, true}, forked);
  journal.excuse({role, ++last, 1, 1, 2});
  BOOST_TEST(incidents() == "never_arrived slot 1 x1; never_arrived slot 2 x1; ");
  enter({role, ++last, 1, 1, 3, true}, now);
  journal.miss({role, ++last, 1, 2, 1}, now);
  BOOST_TEST(journal.incidents().size() == 1u);
  BOOST_TEST(journal.incidents().front().pid == last, "now it has an id");
}

BOOST_AUTO_TEST_CASE(a_quiet_server_has_none) {
  process(1, now, ::getpid());
  journal.end(journal.begin(0, "one", now), Outcome::threw, 1ns);
  BOOST_TEST(incidents() == "");
}

BOOST_AUTO_TEST_CASE(five_quick_deaths_of_one_slot_are_a_storm) {
  processes(3, 5, 7s);
  BOOST_TEST(incidents() == "respawn_storm slot 3 x5; ");
  process(3, now + 1h, ::getpid());
  BOOST_TEST(incidents() == "respawn_storm slot 3 x5; ");
}

BOOST_AUTO_TEST_CASE(fewer_or_slower_or_spread_over_slots_are_none) {
  processes(1, 4, 1ms);
  processes(2, 9, 8s);
  for (int slot = 3; slot != 13; ++slot) processes(slot, 1, 1ms);
  BOOST_TEST(incidents() == "");
}

BOOST_AUTO_TEST_CASE(an_orderly_end_is_no_part_of_a_storm) {
  for (int number = 0; number != 9; ++number) {
    process(1, now);
    journal.count(2, false);
  }
  BOOST_TEST(incidents() == "");
}

BOOST_AUTO_TEST_CASE(what_never_was_in_a_slot_is_no_part_of_a_storm) {
  processes(0, 9, 1ms);
  BOOST_TEST(incidents() == "");
}

BOOST_AUTO_TEST_CASE(failed_forks_are_counted_even_when_their_records_are_gone) {
  process(0, now, ::getpid());
  auto const fail = [&] {
    journal.count(1, false);
    journal.end(journal.begin(1, {}, now), Outcome::heard, {});
  };
  for (int time = 0; time != 3; ++time) fail();
  BOOST_TEST(incidents() == "fork_failed slot 0 x3 ForkFailed after; ");
  BOOST_TEST(journal.incidents().at(0).time > std::chrono::system_clock::now() - 1min);
  for (std::uint64_t number = 0; number != Ring::capacity; ++number) journal.begin(0, "one", now);
  BOOST_TEST(incidents() == "fork_failed slot 0 x3 ForkFailed after; ");
  BOOST_TEST(journal.incidents().at(0).time > std::chrono::system_clock::now() - 1min);
}

BOOST_AUTO_TEST_CASE(failed_forks_are_known_when_who_failed_has_lost_its_place) {
  process(0, now);
  journal.count(1, false, now);
  for (std::size_t number = 0; number != ProcessTable::entry_limit; ++number) process(0, now);
  BOOST_TEST(incidents() == "fork_failed slot 0 x1 ForkFailed after; ");
}

BOOST_AUTO_TEST_CASE(what_is_long_ago_is_no_incident) {
  SteadyTime const today = now;
  now = today - 1h;
  processes(3, 9, 1s);
  journal.count(1, false, now);
  process(5, now);
  journal.begin(0, "did not return", now);
  BOOST_TEST(incidents() == "");
  // The limits are those of the time when it was new.
  BOOST_TEST(journal.incidents(today - 1h).size() == 3u);
  now = today - 1min;
  processes(4, 5, 1s);
  BOOST_TEST(incidents() == "respawn_storm slot 4 x5; ");
}

BOOST_AUTO_TEST_CASE(a_process_that_died_inside_a_call_is_named_with_it) {
  process(4, now, ::getpid());
  journal.begin(0, "lives on", now);
  process(5, now);
  journal.end(journal.begin(0, "returned", now), Outcome::heard, 1ns);
  journal.begin(0, "did not", now);
  BOOST_TEST(incidents() == "died_inside slot 5 x1 Start start did not; ");
}

BOOST_AUTO_TEST_CASE(a_death_is_still_known_when_the_process_has_lost_its_place) {
  process(5, now);
  journal.begin(0, "did not return", now);
  for (std::size_t number = 0; number != ProcessTable::entry_limit; ++number) process(0, now);
  BOOST_TEST(journal.processes().front().writer.slot == 0);
  BOOST_TEST(incidents() == "died_inside slot 5 x1 Start start did not return; ");
}

BOOST_AUTO_TEST_CASE(when_more_live_than_there_is_room_for_they_still_write) {
  for (std::size_t number = 0; number != ProcessTable::entry_limit + 1; ++number) process(1, now, ::getpid());
  BOOST_TEST(journal.processes().size() == ProcessTable::entry_limit);
  journal.count(0, false);
  journal.begin(0, "one", now);
  BOOST_TEST(journal.latest().records.at(0).outcome == Outcome::running);
}

BOOST_AUTO_TEST_CASE(real_workers_that_fail_again_and_again_are_a_storm) {
  struct Fails {
    void operator()(ApplicationPostFork const&) { ::raise(SIGKILL); }
  };
  auto& app = *new ForkSafeApp<toy::ToyPolicy, Fails>{"storm"};
  for (int incarnation = 1; incarnation <= 5; ++incarnation)
    static_cast<void>(in_child([&] {
      EventContext worker;
      worker.process = {Role::worker, 0, 0, 2, incarnation};
      worker.forked = true;
      app.emit<"child">(ApplicationPostFork{worker});
      return std::string{};
    }));
  std::size_t deaths = 0;
  std::size_t storms = 0;
  for (Incident const& incident : app.journal().incidents()) {
    deaths += incident.kind == IncidentKind::died_inside ? 1 : 0;
    storms += incident.kind == IncidentKind::respawn_storm ? 1 : 0;
  }
  BOOST_TEST(deaths == 5u);
  BOOST_TEST(storms == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
