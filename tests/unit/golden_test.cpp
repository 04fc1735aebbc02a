// SPDX-License-Identifier: MIT
#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

import forksafe;
import forksafe.audit;
import forksafe.page;
import toy;

using namespace forksafe;

// The views that tools read, byte for byte, of a debug object with a value in every field.
namespace {

constexpr std::array outcomes{Outcome::running,     Outcome::heard,       Outcome::threw, Outcome::outlasted,
                              Outcome::called_exit, Outcome::died_inside, Outcome::slow};
constexpr std::array incidents{IncidentKind::fork_failed, IncidentKind::respawn_storm, IncidentKind::died_inside,
                               IncidentKind::slow_start, IncidentKind::never_arrived};
constexpr std::array severities{Severity::info, Severity::warning, Severity::error, Severity::critical};
constexpr ProcessKind master{{}, Role::master}, worker{{}, Role::worker}, mule{"mule", Role::helper},
    unknown{{}, Role::unknown};

WallTime at(int second) { return WallTime{std::chrono::seconds{1'800'000'000 + second} + std::chrono::microseconds{12'345}}; }

DebugObject whole_debug() {
  static constexpr std::array<std::string_view, 2> requirements{"--master", "--lazy"};
  DebugObject debug{};
  debug.status = "uWSGI hook configured";
  debug.environment = "uWSGI";
  debug.autoconfigure_log = {"uWSGI available", "a line with \"quotes\", <tags> and \xff"};
  debug.executed_hooks = {{"containers.toy.child", "ApplicationPostFork", false},
                          {"containers.toy.exit", "ApplicationWorkerExit", true}};
  debug.failures = {{"shop::Orders", "ApplicationPostFork", "child", worker, 2, 8, "threw: on purpose", 3},
                    {"dies", "ApplicationPreFork", "before", master, {}, 6, "took 80 ms, its deadline is 50 ms", 1}};
  debug.failures_dropped = 4;
  debug.last_failed_call = at(9);
  debug.wiring = ForkSafeApp<toy::ToyPolicy>::report.wiring;
  debug.subscribers = {{"flush", Phase::locks, {"ApplicationPreFork", "ApplicationPostForkParent"}, false},
                       {"my key", Phase::detach, {}, true}};
  debug.requirements = requirements;
  debug.processes = {{master, {}, {}, 6, 1, false, at(0), {}, true, {{"ApplicationPreFork", "before", 2, 1}}},
                     {worker,
                      1,
                      1,
                      7,
                      6,
                      true,
                      at(1),
                      {},
                      true,
                      {{"ApplicationPostFork", "child", 1, 0}, {"ApplicationWorkerReady", "child", 1, 0}}},
                     {worker, 2, 1, 8, 6, true, at(2), at(5), false, {{"ApplicationPostFork", "child", 1, 1}}},
                     {worker, 2, 2, 9, 6, true, at(6), {}, true, {}},
                     {mule, 1, 1, 10, 6, true, at(3), {}, true, {}},
                     {unknown, {}, {}, 11, 1, false, at(4), at(4), false, {{"ApplicationServerExit", "end", 1, 0}}}};
  debug.departed = {{worker, 40, {{"ApplicationPostFork", "child", 40, 2}}}};
  debug.settings = {{"page.path", "/page", "shop.ini"}, {"db.url", "postgresql://***@db/shop", "SHOP_DB_URL"}};
  debug.unannounced_forks = 5;
  debug.audited = true;
  for (Severity const severity : severities)
    debug.findings.push_back({severity, Hazard::descriptor_shared, "connected TCP socket, descriptor 7", "shop::Orders",
                              "both read it", "DropAndReopen"});
  for (IncidentKind const kind : incidents)
    debug.incidents.push_back({at(7), kind, worker, 2, 8, "ApplicationPostFork", "child", "shop::Orders", 5});
  debug.incidents.push_back({at(8), IncidentKind::respawn_storm, mule, {}, 0, "", "", "", 1});
  debug.journal = {20, 9, 4, {}};
  for (Outcome const outcome : outcomes)
    debug.journal.records.push_back(
        {at(6), worker, 2, 1, 9, "ApplicationPostFork", "child", "shop::Orders", std::chrono::microseconds{1'500}, outcome});
  debug.journal.records.push_back({at(10), master, {}, {}, 6, "ApplicationPreFork", "before", "", {}, Outcome::running});
  return debug;
}

std::string golden(std::string const& name) {
  std::ifstream file{FORKSAFE_GOLDEN "/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(json_is_what_it_was) {
  BOOST_TEST(to_json(whole_debug()) + "\n" == golden("debug.json"));
  BOOST_TEST(to_json(ForkSafeApp<toy::ToyPolicy>::report) + "\n" == golden("report.json"));
}

BOOST_AUTO_TEST_CASE(text_is_what_it_was) {
  BOOST_TEST(to_text(whole_debug()) == golden("debug.txt"));
  BOOST_TEST(to_text(ForkSafeApp<toy::ToyPolicy>::report) == golden("report.txt"));
}

BOOST_AUTO_TEST_CASE(metrics_are_what_they_were) {
  PageContext const context{"shop", 7, WallTime{std::chrono::seconds{1'800'000'030}}};
  BOOST_TEST(to_openmetrics(whole_debug(), context) == golden("metrics.txt"));
}

BOOST_AUTO_TEST_CASE(a_field_that_is_added_is_in_every_form) {
  DebugObject const debug = whole_debug();
  described::Fields fields = describe(debug);
  fields.push_back({"novelty", {std::string_view{"new\xff"}}});
  fields.push_back({"novelties", {described::Table{{"name", "since"}, {{{std::int64_t{7}}, {at(0)}}}}}});
  BOOST_TEST(to_json(fields).ends_with(
      ",\"novelty\":\"new\uFFFD\",\"novelties\":[{\"name\":7,\"since\":\"2027-01-15T08:00:00.012345Z\"}]}"));
  BOOST_TEST(
      to_text(fields).ends_with("\nnovelty: new\uFFFD\nnovelties\n  name  since\n  7     2027-01-15T08:00:00.012345Z\n"));
  described::Fields heard = describe(debug.processes.front().events.front());
  heard.push_back({"novelty", {std::string_view{"new\xff"}}});
  heard.push_back({"novelties", {std::uint64_t{7}}});
  BOOST_TEST(to_labels(labels_of(heard)) == "{event=\"ApplicationPreFork\",hook=\"before\",novelty=\"new\uFFFD\"}");
}

BOOST_AUTO_TEST_CASE(the_role_of_a_process_is_typed_in_every_table) {
  DebugObject const debug = whole_debug();
  std::size_t roles = 0;
  auto const check = [&roles](std::string_view name, described::Value const& value) {
    auto const* const table = std::get_if<described::Table>(&value.is);
    for (std::size_t column = 0; table != nullptr && column != table->columns.size(); ++column) {
      if (table->columns[column] != "role") continue;
      for (auto const& row : table->rows) BOOST_TEST(std::holds_alternative<described::Word>(row[column].is), name);
      roles += table->rows.size();
    }
  };
  for (described::Field const& field : describe(debug)) {
    check(field.name, field.value);
    if (auto const* const inner = std::get_if<described::Fields>(&field.value.is))
      for (described::Field const& part : *inner) check(part.name, part.value);
  }
  BOOST_TEST(roles == debug.failures.size() + debug.processes.size() + debug.departed.size() + debug.incidents.size() +
                          debug.journal.records.size());
}

BOOST_AUTO_TEST_CASE(what_an_event_carries_is_described) {
  auto const text = [](std::size_t event, EventContext const& context) {
    std::string text = to_text(describe(event, context));
    for (char& one : text) one = one == '\n' ? ';' : one;
    return text;
  };
  ApplicationForkFailed failed{};
  failed.container = "toy";
  failed.hook = "after";
  failed.process = {Role::master, 6, 1, {}, {}, {}};
  failed.child = {Role::helper, 0, 6, 2, 3, "mule"};
  failed.error = EAGAIN;
  std::string const common = "container: toy;hook: after;role: master;pid: 6;parent: 1;slot: -;incarnation: -;"
                             "forked: no;app_loaded: yes;respawn: no;";
  BOOST_TEST(text(event_index<ApplicationForkFailed>, failed) ==
             "event: ApplicationForkFailed;" + common +
                 "late: no;child.role: mule;child.pid: 0;child.parent: 6;child.slot: 2;"
                 "child.incarnation: 3;error: " +
                 std::to_string(EAGAIN) + ";");
  ApplicationWorkerReaped reaped{failed};
  BOOST_TEST(text(event_index<ApplicationWorkerReaped>, reaped).ends_with("child.incarnation: 3;status: -;"));
  EventContext late{failed};
  late.late = true;
  BOOST_TEST(text(event_index<ApplicationWorkerReaped>, late) == "event: ApplicationWorkerReaped;" + common + "late: yes;");
  BOOST_TEST(text(event_index<ApplicationPostFork>, ApplicationPostFork{failed}) ==
             "event: ApplicationPostFork;" + common + "late: no;");
}

BOOST_AUTO_TEST_SUITE_END()
