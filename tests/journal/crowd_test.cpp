// SPDX-License-Identifier: MIT
// A part of the module, for Ring is not exported.
module;
#include "shared.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>
module forksafe.journal;

import :record;
import :ring;

using namespace forksafe;

namespace {

constexpr std::uint64_t writers = 8;
constexpr std::uint64_t each = 125'000;

void write_many(Ring& ring, std::uint64_t writer, std::uint64_t many) {
  for (std::uint64_t number = 0; number != many; ++number) {
    RecordHeader record;
    record.started = static_cast<std::int64_t>(number);
    record.process = static_cast<std::uint32_t>(writer);
    record.name(telling_name(writer, number));
    ring.end(ring.write(record), {Outcome::heard, std::chrono::nanoseconds{number}});
  }
}

/// The records that can be read from a ring, and the number of those that differ from what was written.
struct Look {
  std::uint64_t accepted = 0;
  std::uint64_t torn = 0;
  std::uint64_t wrong = 0;
};

Look look_at(Ring const& ring) {
  Look look;
  Ring::Extent const extent = ring.extent();
  std::map<std::uint32_t, std::int64_t> last;
  for (std::uint64_t ticket = extent.begin; ticket != extent.end; ++ticket) {
    auto const found = ring.read(ticket);
    if (!found) {
      ++look.torn;
      continue;
    }
    ++look.accepted;
    RecordHeader const& header = found->header;
    bool const whole = header.name() == telling_name(header.process, static_cast<std::uint64_t>(header.started));
    auto const [before, fresh] = last.try_emplace(header.process, header.started);
    bool const in_order = fresh || before->second < header.started;
    before->second = header.started;
    bool const ended_right = found->result.outcome == Outcome::running || found->result.duration.count() == header.started;
    if (!whole || !in_order || !ended_right) ++look.wrong;
  }
  return look;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crowd)

BOOST_AUTO_TEST_CASE(a_million_records_of_eight_processes_are_whole_and_counted) {
  Shared<Ring> ring;
  for (std::uint64_t writer = 1; writer <= writers; ++writer) {
    if (::fork() == 0) {
      write_many(*ring, writer, each);
      ::_exit(0);
    }
  }
  std::uint64_t looks = 0;
  std::uint64_t accepted = 0;
  std::uint64_t wrong = 0;
  for (std::uint64_t left = writers; left != 0;) {
    Look const look = look_at(*ring);
    ++looks;
    accepted += look.accepted;
    wrong += look.wrong;
    while (left != 0 && ::waitpid(-1, nullptr, WNOHANG) > 0) --left;
  }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(looks > 1u);
  BOOST_TEST(accepted > 0u);

  Look const after = look_at(*ring);
  BOOST_TEST(ring->extent().end == writers * each);
  BOOST_TEST(after.wrong == 0u);
  BOOST_TEST(after.accepted + after.torn == Ring::capacity);
  BOOST_TEST(after.accepted > Ring::capacity / 2);
  BOOST_TEST_MESSAGE("looks " << looks << ", overrun " << ring->extent().overrun << ", torn at the end " << after.torn);
}

// The same with threads, which the thread sanitizer checks.
BOOST_AUTO_TEST_CASE(threads_write_and_read_at_once) {
  Shared<Ring> ring;
  std::vector<std::thread> threads;
  for (std::uint64_t writer = 1; writer <= 4; ++writer)
    threads.emplace_back([&ring, writer] { write_many(*ring, writer, 10'000); });
  std::uint64_t wrong = 0;
  for (int time = 0; time != 5; ++time) wrong += look_at(*ring).wrong;
  for (std::thread& thread : threads) thread.join();
  wrong += look_at(*ring).wrong;
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(ring->extent().end == 40'000u);
}

BOOST_AUTO_TEST_SUITE_END()
