// SPDX-License-Identifier: MIT
// A part of the module, for Ring is not exported.
module;
#include "skips.hpp"
#include "shared.hpp"
#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>
module forksafe.journal;

import :record;
import :ring;
import :shared_journal;

using namespace forksafe;

namespace {

std::uint64_t generation = 1;
std::uint64_t own_generation() noexcept { return generation; }

std::vector<EventHook> const event_hooks{{"Event", "hook"}};

void enter(Journal& journal) {
  ++generation;
  journal.enter({1, ::getpid(), ::getppid(), 1, 1, true}, SteadyTime::clock::now());
}

void write_one(Journal& journal, std::uint64_t number) {
  std::uint64_t const ticket =
      journal.begin(0, telling_name(static_cast<std::uint64_t>(::getpid()), number), SteadyTime::clock::now());
  journal.end(ticket, Outcome::heard, std::chrono::nanoseconds{1});
}

std::uint64_t wrong_names(JournalPage const& page) {
  std::uint64_t wrong = 0;
  for (JournalRecord const& record : page.records) wrong += is_telling(record.subscriber) ? 0 : 1;
  return wrong;
}

void end_by_kill(pid_t child) {
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

constexpr int untraced = 9;
constexpr long no_tracing = -1, went_wrong = -2;

/// Forks a child that stops itself, then writes one record and exits. It can be stepped instruction by instruction.
pid_t traced_writer(Journal& journal, std::string const& name) {
  pid_t const child = ::fork();
  if (child != 0) return child;
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(untraced);
  enter(journal);
  ::raise(SIGSTOP);
  journal.end(journal.begin(0, name, SteadyTime{}), Outcome::heard, std::chrono::nanoseconds{1});
  ::_exit(0);
}

/// Steps up to `most` times. Returns the number of steps, or why there were none.
long stepped(pid_t child, long most) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return went_wrong;
  if (!WIFSTOPPED(status)) return WIFEXITED(status) && WEXITSTATUS(status) == untraced ? no_tracing : went_wrong;
  for (long steps = 0; steps != most; ++steps) {
    if (::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) return went_wrong;
    ::waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) return steps;
  }
  return most;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(killed)

BOOST_AUTO_TEST_CASE(two_hundred_writers_killed_at_random_stop_nobody) {
  Journal journal{event_hooks, own_generation};
  Shared<std::atomic<std::uint64_t>> written_by_survivor;
  pid_t const survivor = ::fork();
  if (survivor == 0) {
    enter(journal);
    for (std::uint64_t number = 0;; ++number) {
      write_one(journal, number);
      written_by_survivor->store(number + 1);
    }
  }
  std::mt19937 random{20};
  std::uint64_t wrong = 0;
  for (int time = 0; time != 200; ++time) {
    pid_t const child = ::fork();
    if (child == 0) {
      enter(journal);
      for (std::uint64_t number = 0;; ++number) write_one(journal, number);
    }
    ::usleep(static_cast<useconds_t>(random() % 2'000));
    end_by_kill(child);
    if (time % 20 == 0) wrong += wrong_names(journal.latest());
  }
  std::uint64_t const before = written_by_survivor->load();
  for (int patience = 0; written_by_survivor->load() < before + 1'000 && patience != 10'000; ++patience) ::usleep(1'000);
  BOOST_TEST(written_by_survivor->load() >= before + 1'000);
  end_by_kill(survivor);
  JournalPage const page = journal.latest();
  BOOST_TEST(wrong + wrong_names(page) == 0u);
  BOOST_TEST(page.written > Ring::capacity);
  BOOST_TEST(page.records.size() + page.dropped + page.torn == page.written);
  BOOST_TEST_MESSAGE("written " << page.written << ", torn " << page.torn);
}

BOOST_AUTO_TEST_CASE(a_writer_killed_between_reserving_and_committing_is_skipped_and_counted) {
  Shared<Ring> ring;
  pid_t const child = ::fork();
  if (child == 0) {
    std::uint64_t const ticket = ring->reserve();
    ring->claim(ticket);
    RecordHeader header;
    header.name("half");
    ring->fill(ticket, header);
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST(WIFSIGNALED(status));
  BOOST_TEST(!ring->read(0));
  std::uint64_t readable = 0;
  for (std::uint64_t number = 0; number != Ring::capacity; ++number)
    readable += ring->read(ring->write({})).has_value() ? 1 : 0;
  BOOST_TEST(readable == Ring::capacity);
  BOOST_TEST(ring->extent().overrun == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(killed_stepped)

BOOST_AUTO_TEST_CASE(a_writer_killed_at_whatever_instruction_leaves_a_whole_record_or_none, *boost::unit_test::timeout(300)) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return skip("single-stepping through the thread sanitizer's runtime takes minutes");
#endif
#endif
  std::string const name = telling_name(1, 2);
  Journal measured{event_hooks, own_generation};
  // The first call does some things once, which must not be measured.
  enter(measured);
  write_one(measured, 1);
  pid_t const first = traced_writer(measured, name);
  long const all = stepped(first, 1'000'000);
  if (all == no_tracing) return skip("this system refuses ptrace");
  BOOST_TEST(all > 100);
  long const stride = std::max(1l, all / 800);
  std::uint64_t none = 0, torn = 0, died = 0, ended = 0;
  // The steps after the end of the record do not matter.
  for (long steps = 0; steps < all && ended < 10; steps += stride) {
    Journal journal{event_hooks, own_generation};
    pid_t const child = traced_writer(journal, name);
    BOOST_REQUIRE(stepped(child, steps) == steps);
    end_by_kill(child);
    JournalPage const page = journal.latest();
    BOOST_REQUIRE(page.records.size() + page.torn == page.written);
    if (page.written == 0) {
      ++none;
    } else if (page.torn != 0) {
      ++torn;
    } else {
      BOOST_REQUIRE(page.records[0].subscriber == name);
      BOOST_REQUIRE((page.records[0].outcome == Outcome::heard || page.records[0].outcome == Outcome::died_inside));
      ++(page.records[0].outcome == Outcome::heard ? ended : died);
    }
    // The killed writer does not block the next one.
    enter(journal);
    write_one(journal, 3);
    BOOST_REQUIRE(journal.latest().records.back().subscriber == telling_name(static_cast<std::uint64_t>(::getpid()), 3));
    if (page.torn != 0) {
      for (std::uint64_t number = 0; number != Ring::capacity; ++number) journal.begin(0, {}, SteadyTime{});
      BOOST_REQUIRE(journal.latest(0).torn == 1u);
    }
  }
  BOOST_TEST_MESSAGE("of " << all << " instructions: none " << none << ", torn " << torn << ", died inside " << died
                           << ", ended " << ended);
  for (std::uint64_t const seen : {none, torn, died, ended}) BOOST_TEST(seen > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
