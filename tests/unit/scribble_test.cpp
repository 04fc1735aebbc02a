// SPDX-License-Identifier: MIT
#include "child.hpp"
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

import forksafe;
import forksafe.page;
import toy;

using namespace forksafe;

// Every process of a server can write to the journal's memory, for example through a stray pointer.
namespace {

struct Throws {
  static constexpr std::string_view name = "throws";
  void operator()(ApplicationPostFork const& event) {
    if (event.process.slot == 2) throw std::runtime_error{"on purpose"};
  }
};

using App = ForkSafeApp<toy::ToyPolicy, OnFailure<Failure::open>, Throws>;

using Memory = std::span<unsigned char>;

std::vector<Memory> shared_memory() {
  std::vector<Memory> found;
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words{line};
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::string access;
    words >> std::hex >> begin >> dash >> end >> access;
    if (access == "rw-s") found.emplace_back(reinterpret_cast<unsigned char*>(begin), end - begin);
  }
  return found;
}

/// An application and its journal's memory, which is the only mapping of this size.
struct Server {
  std::vector<Memory> const before = shared_memory();
  App& app = *new App{"scribble"};
  Memory journal = [this] {
    Memory greatest;
    for (Memory const& memory : shared_memory()) {
      bool const known = std::ranges::any_of(
          before, [&](Memory const& old) { return old.data() == memory.data() && old.size() == memory.size(); });
      if (!known && memory.size() > greatest.size()) greatest = memory;
    }
    return greatest;
  }();

  Server() {
    app.emit<"start">(ApplicationServerStarting{toy::master()});
    for (int slot = 1; slot != 4; ++slot)
      static_cast<void>(in_child([&] {
        app.emit<"child">(ApplicationPostFork{toy::worker(slot)});
        app.emit<"child">(ApplicationWorkerReady{toy::worker(slot)});
        return std::string{};
      }));
    app.emit<"before">(ApplicationPreFork{toy::master()});
    app.emit<"after">(ApplicationForkFailed{{toy::master()}});
  }

  /// Reads everything, and goes on writing.
  std::size_t look() {
    DebugObject const debug = app.debug();
    PageContext const context{"shop", 7, app.journal().wall_time(SteadyTime::clock::now()), std::chrono::seconds{600}};
    std::size_t const html = to_html(debug, context, "N").size();
    BOOST_TEST(html <= page_limit);
    std::size_t const size = to_json(debug).size() + to_text(debug).size() + to_openmetrics(debug, context).size() + html;
    app.emit<"before">(ApplicationPreFork{toy::master()});
    app.emit<"after">(ApplicationPostForkParent{toy::master()});
    return size;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scribble)

BOOST_AUTO_TEST_CASE(whatever_is_written_over_what_was_written_every_view_is_shown) {
  Server server;
  BOOST_REQUIRE(server.journal.size() > 1'000'000u);
  std::vector<unsigned char> const whole(server.journal.begin(), server.journal.end());
  std::vector<std::size_t> used;
  for (std::size_t index = 0; index != whole.size(); ++index)
    if (whole[index] != 0) used.push_back(index);
  BOOST_REQUIRE(used.size() > 100u);
  std::size_t seen = 0;
  for (std::uint32_t seed = 1; seed != 400; ++seed) {
    std::mt19937 random{seed};
    std::ranges::copy(whole, server.journal.begin());
    // A few bytes or many, near the part that is used: the rest is zeros, which are never read.
    for (std::uint32_t number = random() % 200; number != 0; --number)
      server.journal[std::min(used[random() % used.size()] + random() % 8, whole.size() - 1)] =
          static_cast<unsigned char>(random());
    seen += server.look();
  }
  BOOST_TEST(seen > 0u);
}

BOOST_AUTO_TEST_CASE(a_journal_of_nothing_but_noise_is_shown_too) {
  Server server;
  BOOST_REQUIRE(server.journal.size() > 1'000'000u);
  for (std::uint32_t seed = 1; seed != 6; ++seed) {
    std::mt19937_64 random{seed};
    for (std::size_t index = 0; index + 8 <= server.journal.size(); index += 8) {
      std::uint64_t const word = random();
      for (std::size_t byte = 0; byte != 8; ++byte) server.journal[index + byte] = static_cast<unsigned char>(word >> byte * 8);
    }
    BOOST_TEST(server.look() > 0u);
  }
}

BOOST_AUTO_TEST_CASE(an_end_that_is_no_outcome_is_no_record) {
  Server server;
  std::size_t const before = server.app.journal().latest().records.size();
  // The low bits of the end's word hold the outcome.
  for (std::size_t index = 0; index + 128 <= server.journal.size(); index += 64) server.journal[index + 8] |= 15;
  JournalPage const page = server.app.journal().latest();
  BOOST_TEST(page.records.size() < before);
  for (JournalRecord const& record : page.records) BOOST_TEST(name_of(record.outcome) != "unknown");
  server.look();
}

BOOST_AUTO_TEST_CASE(a_value_that_is_none_has_a_name) {
  for (int value = 0; value != 256; ++value) {
    BOOST_TEST(!name_of(static_cast<Outcome>(value)).empty());
    BOOST_TEST(!name_of(static_cast<Role>(value)).empty());
    BOOST_TEST(!name_of(static_cast<IncidentKind>(value)).empty());
  }
  BOOST_TEST(name_of(static_cast<Outcome>(200)) == "unknown");
  BOOST_TEST(name_of(static_cast<Role>(200)) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
