// SPDX-License-Identifier: MIT
// A part of the module, for Ring is not exported.
module;
#include "child.hpp"
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>
#include <unistd.h>
module forksafe.journal;

import :record;
import :ring;
import forksafe;
import toy;

using namespace forksafe;
namespace json = boost::json;

namespace {

struct Dies {
  static constexpr std::string_view name = "dies";
  void operator()(ApplicationPostFork const& event) {
    if (event.process.slot == 2) ::raise(SIGKILL);
  }
};

using App = ForkSafeApp<toy::ToyPolicy, Dies>;

EventContext at(Role role, int slot) {
  EventContext context;
  context.process = {role, 0, 0, slot, 1};
  context.forked = role == Role::worker;
  return context;
}

/// One server, with a failed fork, and a worker that died inside a call.
App& troubled_server() {
  auto& app = *new App{"view"};
  app.emit<"start">(ApplicationServerStarting{at(Role::master, 0)});
  app.emit<"before">(ApplicationPreFork{at(Role::master, 0)});
  app.emit<"after">(ApplicationForkFailed{{at(Role::master, 0)}});
  static_cast<void>(in_child([&] {
    app.emit<"child">(ApplicationPostFork{at(Role::worker, 2)});
    return std::string{};
  }));
  return app;
}

/// Returns the parts of the debug object that are about the whole server.
std::string of_the_server(App const& app) {
  DebugObject view{};
  DebugObject const debug = app.debug();
  view.processes = debug.processes;
  view.incidents = debug.incidents;
  view.journal = debug.journal;
  return to_json(view) + to_text(view);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(view)

BOOST_AUTO_TEST_CASE(the_debug_object_shows_the_journal_and_its_incidents) {
  json::value const debug = json::parse(to_json(troubled_server().debug()));
  json::value const& journal = debug.at("journal");
  BOOST_TEST(journal.at("written").as_int64() == 4);
  BOOST_TEST(journal.at("dropped").as_int64() == 0);
  BOOST_TEST(journal.at("torn").as_int64() == 0);
  json::array const& records = journal.at("records").as_array();
  BOOST_REQUIRE(records.size() == 4u);
  BOOST_TEST(records[0].at("event").as_string() == "ApplicationServerStarting");
  BOOST_TEST(records[0].at("role").as_string() == "master");
  BOOST_TEST(records[0].at("slot").is_null());
  BOOST_TEST(records[0].at("outcome").as_string() == "heard");
  BOOST_TEST(records[0].at("nanoseconds").is_int64());
  std::string const time{records[0].at("time").as_string()};
  BOOST_REQUIRE(time.size() == 27u);
  BOOST_TEST(time[10] == 'T');
  BOOST_TEST(time.back() == 'Z');
  BOOST_TEST(records[3].at("role").as_string() == "worker");
  BOOST_TEST(records[3].at("slot").as_int64() == 2);
  BOOST_TEST(records[3].at("hook").as_string() == "child");
  BOOST_TEST(records[3].at("subscriber").as_string() == "dies");
  BOOST_TEST(records[3].at("outcome").as_string() == "died_inside");
  BOOST_TEST(records[3].at("nanoseconds").is_null());
  json::array const& incidents = debug.at("incidents").as_array();
  BOOST_REQUIRE(incidents.size() == 2u);
  BOOST_TEST(incidents[0].at("what").as_string() == "fork_failed");
  BOOST_TEST(incidents[0].at("event").as_string() == "ApplicationForkFailed");
  BOOST_TEST(incidents[0].at("times").as_int64() == 1);
  BOOST_TEST(incidents[1].at("what").as_string() == "died_inside");
  BOOST_TEST(incidents[1].at("subscriber").as_string() == "dies");
  BOOST_TEST(incidents[1].at("slot").as_int64() == 2);
}

BOOST_AUTO_TEST_CASE(the_text_shows_the_same) {
  std::string const text = to_text(troubled_server().debug());
  for (char const* const part : {"\nincidents\n", "fork_failed", "died_inside", "\njournal.written: 4\n",
                                 "\njournal.dropped: 0\n", "\njournal.torn: 0\n", "\njournal.records\n", "  dies "})
    BOOST_TEST(text.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(a_master_and_a_worker_see_the_same) {
  App& app = troubled_server();
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe(ends.data()) == 0);
  pid_t const worker = ::fork();
  if (worker == 0) {
    app.emit<"child">(ApplicationPostFork{at(Role::worker, 1)});
    std::string const seen = of_the_server(app);
    static_cast<void>(::write(ends[1], seen.data(), seen.size()));
    ::close(ends[1]);
    ::pause();
  }
  ::close(ends[1]);
  std::string const seen = read_all(ends[0]);
  std::string const own = of_the_server(app);
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  BOOST_TEST(seen == own);
  BOOST_TEST(seen.find("dies") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_the_latest_records_are_shown_and_the_others_are_counted) {
  App& app = troubled_server();
  for (int number = 0; number != 5'000; ++number) {
    app.emit<"before">(ApplicationPreFork{at(Role::master, 0)});
    app.emit<"after">(ApplicationPostForkParent{at(Role::master, 0)});
  }
  DebugObject const debug = app.debug();
  BOOST_TEST(debug.journal.records.size() == 200u);
  BOOST_TEST(debug.journal.written == 10'004u);
  BOOST_TEST(debug.journal.dropped == 10'004u - Ring::capacity);
  BOOST_TEST(debug.journal.torn == 0u);
  BOOST_TEST(debug.journal.records.back().event == "ApplicationPostForkParent");
  BOOST_TEST(debug.processes.at(0).events.back().count >= 1u);
  for (HeardEvent const& heard : debug.processes.at(0).events)
    if (heard.event == "ApplicationPostForkParent") BOOST_TEST(heard.count == 5'000u);
}

BOOST_AUTO_TEST_SUITE_END()
