// SPDX-License-Identifier: MIT
#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

import forksafe;
import forksafe.page;
import toy;

using namespace forksafe;

// What tools read of a debug object in which every field says something, byte for byte.
namespace {

constexpr std::array<std::string_view, 7> outcomes{"running",     "heard",       "threw", "outlasted",
                                                   "called_exit", "died_inside", "slow"};
constexpr std::array<std::string_view, 5> incidents{"fork_failed", "respawn_storm", "died_inside", "slow_start",
                                                    "never_arrived"};
constexpr std::array<std::string_view, 4> severities{"info", "warning", "error", "critical"};

std::string at(int second) {
  return "2027-01-15T08:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + ".012345Z";
}

DebugObject whole_debug() {
  static constexpr std::array<std::string_view, 2> requirements{"--master", "--lazy"};
  DebugObject debug{};
  debug.status = "uWSGI hook configured";
  debug.environment = "uWSGI";
  debug.autoconfigure_log = {"uWSGI available", "a line with \"quotes\", <tags> and \xff"};
  debug.executed_hooks = {{"containers.toy.child", "ApplicationPostFork", false},
                          {"containers.toy.exit", "ApplicationWorkerExit", true}};
  debug.failures = {{"shop::Orders", "ApplicationPostFork", "child", "worker", 2, 8, "threw: on purpose", 3},
                    {"dies", "ApplicationPreFork", "before", "master", {}, 6, "took 80 ms, its deadline is 50 ms", 1}};
  debug.failures_dropped = 4;
  debug.last_failed_call = at(9);
  debug.wiring = ForkSafeApp<toy::ToyPolicy>::report.wiring;
  debug.subscribers = {{"flush", "locks", {"ApplicationPreFork", "ApplicationPostForkParent"}, false},
                       {"my key", "detach", {}, true}};
  debug.requirements = requirements;
  debug.processes = {{"master", {}, {}, 6, 1, false, at(0), {}, true, {{"ApplicationPreFork", "before", 2, 1}}},
                     {"worker", 1, 1, 7, 6, true, at(1), {}, true,
                      {{"ApplicationPostFork", "child", 1, 0}, {"ApplicationWorkerReady", "child", 1, 0}}},
                     {"worker", 2, 1, 8, 6, true, at(2), at(5), false, {{"ApplicationPostFork", "child", 1, 1}}},
                     {"worker", 2, 2, 9, 6, true, at(6), {}, true, {}},
                     {"mule", 1, 1, 10, 6, true, at(3), {}, true, {}},
                     {"unknown", {}, {}, 11, 1, false, at(4), at(4), false, {{"ApplicationServerExit", "end", 1, 0}}}};
  debug.departed = {{"worker", 40, {{"ApplicationPostFork", "child", 40, 2}}}};
  debug.settings = {{"page.path", "/page", "shop.ini"}, {"db.url", "postgresql://***@db/shop", "SHOP_DB_URL"}};
  debug.unannounced_forks = 5;
  debug.audited = true;
  for (std::string_view const severity : severities)
    debug.findings.push_back({severity, "descriptor shared", "connected TCP socket, descriptor 7",
                              "shop::Orders", "both read it", "DropAndReopen"});
  for (std::string_view const kind : incidents)
    debug.incidents.push_back({at(7), kind, "worker", 2, 8, "ApplicationPostFork", "child", "shop::Orders", 5});
  debug.incidents.push_back({at(8), "respawn_storm", "mule", {}, 0, "", "", "", 1});
  debug.journal = {20, 9, 4, {}};
  for (std::string_view const outcome : outcomes)
    debug.journal.records.push_back({at(6), "worker", 2, 1, 9, "ApplicationPostFork", "child", "shop::Orders",
                                     1'500'000, outcome});
  debug.journal.records.push_back({at(10), "master", {}, {}, 6, "ApplicationPreFork", "before", "", {}, "running"});
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

BOOST_AUTO_TEST_SUITE_END()
