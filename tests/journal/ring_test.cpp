// SPDX-License-Identifier: MIT
// A part of the module, for Ring is not exported.
module;
#include "print.hpp"
#include "shared.hpp"
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
module forksafe.journal;

import :record;
import :ring;

using namespace forksafe;
using namespace std::chrono_literals;

namespace {

RecordHeader header(std::string_view name) {
  RecordHeader record;
  record.name(name);
  return record;
}

std::string name_at(Ring const& ring, std::uint64_t ticket) {
  auto const found = ring.read(ticket);
  return found ? std::string{found->header.name()} : std::string{"torn"};
}

/// Writes a whole round, less the tickets that are missing in it.
void go_round(Ring& ring, std::uint64_t less = 0) {
  for (std::uint64_t number = less; number != Ring::capacity; ++number) ring.write(header("round"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ring)

BOOST_AUTO_TEST_CASE(a_record_reads_as_it_was_written) {
  Shared<Ring> ring;
  RecordHeader written{123, 4, 5, -6, 7, 8, 9};
  written.name("a subscriber");
  std::uint64_t const ticket = ring->write(written);
  auto found = ring->read(ticket);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->header.started == 123);
  BOOST_TEST(found->header.process == 4u);
  BOOST_TEST(found->header.pid == 5);
  BOOST_TEST(found->header.slot == -6);
  BOOST_TEST(found->header.incarnation == 7);
  BOOST_TEST(found->header.role == 8);
  BOOST_TEST(found->header.source == 9);
  BOOST_TEST(found->header.name() == "a subscriber");
  BOOST_TEST(found->result.outcome == Outcome::running);
  BOOST_TEST(ring->end(ticket, {Outcome::threw, 42ns}));
  found = ring->read(ticket);
  BOOST_TEST(found->result.outcome == Outcome::threw);
  BOOST_TEST(found->result.duration == 42ns);
}

BOOST_AUTO_TEST_CASE(nothing_is_there_before_it_is_written) {
  Shared<Ring> ring;
  BOOST_TEST(!ring->read(0));
  BOOST_TEST(ring->extent().end == 0u);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_too_long_is_cut) {
  Shared<Ring> ring;
  BOOST_TEST(name_at(*ring, ring->write(header(std::string(200, 'x')))) == std::string(subscriber_limit, 'x'));
}

BOOST_AUTO_TEST_CASE(a_record_ends_once_but_one_that_outlasted_its_deadline_may_end_after_all) {
  Shared<Ring> ring;
  std::uint64_t const ticket = ring->write(header("one"));
  BOOST_TEST(ring->end(ticket, {Outcome::outlasted, 1ns}));
  BOOST_TEST(ring->end(ticket, {Outcome::threw, 2ns}));
  BOOST_TEST(!ring->end(ticket, {Outcome::heard, 3ns}));
  BOOST_TEST(ring->read(ticket)->result.outcome == Outcome::threw);
}

BOOST_AUTO_TEST_CASE(a_duration_beyond_measure_stays_the_greatest) {
  Shared<Ring> ring;
  std::uint64_t const ticket = ring->write(header("one"));
  BOOST_TEST(ring->end(ticket, {Outcome::heard, 100h}));
  BOOST_TEST(ring->read(ticket)->result.duration > 4h);
  BOOST_TEST(ring->read(ticket)->result.outcome == Outcome::heard);
}

BOOST_AUTO_TEST_CASE(the_oldest_goes_first) {
  Shared<Ring> ring;
  std::uint64_t const first = ring->write(header("first"));
  std::uint64_t const second = ring->write(header("second"));
  go_round(*ring, 1);
  BOOST_TEST(name_at(*ring, first) == "torn");
  BOOST_TEST(name_at(*ring, second) == "second");
  BOOST_TEST(ring->extent().begin == second);
  BOOST_TEST(ring->extent().overrun == 0u);
  BOOST_TEST(!ring->end(first, {Outcome::heard, 1ns}));
  BOOST_TEST(ring->read(first + Ring::capacity)->result.outcome == Outcome::running);
}

BOOST_AUTO_TEST_CASE(what_was_never_committed_is_torn_and_its_place_is_used_again) {
  Shared<Ring> ring;
  std::uint64_t const reserved = ring->reserve();
  std::uint64_t const claimed = ring->reserve();
  ring->claim(claimed);
  std::uint64_t const filled = ring->reserve();
  ring->claim(filled);
  ring->fill(filled, header("filled"));
  for (std::uint64_t const ticket : {reserved, claimed, filled}) BOOST_TEST(name_at(*ring, ticket) == "torn");
  go_round(*ring);
  for (std::uint64_t const ticket : {reserved, claimed, filled}) BOOST_TEST(name_at(*ring, ticket + Ring::capacity) == "round");
  BOOST_TEST(ring->extent().overrun == 3u);
}

BOOST_AUTO_TEST_CASE(who_comes_a_round_too_late_leaves_the_cell_alone) {
  Shared<Ring> ring;
  std::uint64_t const late = ring->reserve();
  go_round(*ring);
  BOOST_TEST(!ring->claim(late));
  BOOST_TEST(name_at(*ring, late + Ring::capacity) == "round");
  BOOST_TEST(ring->extent().overrun == 1u);
}

BOOST_AUTO_TEST_CASE(who_is_overtaken_while_filling_gives_up_both_records) {
  Shared<Ring> ring;
  std::uint64_t const slow = ring->reserve();
  ring->claim(slow);
  go_round(*ring);
  ring->fill(slow, header("slow"));
  BOOST_TEST(!ring->commit(slow));
  BOOST_TEST(name_at(*ring, slow) == "torn");
  BOOST_TEST(name_at(*ring, slow + Ring::capacity) == "torn");
  go_round(*ring);
  BOOST_TEST(ring->extent().overrun == 2u);
  BOOST_TEST(name_at(*ring, slow + 2 * Ring::capacity) == "round");
}

BOOST_AUTO_TEST_CASE(who_overtakes_learns_of_the_damage) {
  Shared<Ring> ring;
  std::uint64_t const slow = ring->reserve();
  ring->claim(slow);
  go_round(*ring, 1);
  std::uint64_t const fast = ring->reserve();
  BOOST_REQUIRE(fast == slow + Ring::capacity);
  ring->claim(fast);
  ring->fill(fast, header("fast"));
  ring->fill(slow, header("slow"));
  BOOST_TEST(!ring->commit(slow));
  BOOST_TEST(!ring->commit(fast));
  BOOST_TEST(name_at(*ring, fast) == "torn");
}

BOOST_AUTO_TEST_CASE(words_of_another_record_do_not_add_up) {
  Shared<Ring> ring;
  std::uint64_t const ticket = ring->write(header("whole"));
  // After so many rounds all but the checksum looks the same.
  ring->fill(ticket + Ring::capacity * 65'536, header("whole"));
  BOOST_TEST(name_at(*ring, ticket) == "torn");
}

BOOST_AUTO_TEST_SUITE_END()
