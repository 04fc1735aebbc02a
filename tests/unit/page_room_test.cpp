// SPDX-License-Identifier: MIT
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

import forksafe;
import forksafe.audit;
import forksafe.page;
import toy;

using namespace forksafe;
namespace json = boost::json;

// The page has 60 kB for everything, and each of its parts has to be useful.
namespace {

constexpr std::chrono::seconds noon{1'800'000'000};
constexpr PageContext context{"shop", 7, WallTime{noon}, std::chrono::seconds{600}};

/// The most that a server can have.
struct Shape {
  std::string_view name;
  int slots;
  int dead_of_each;
  std::size_t failures;
  /// The text of every field.
  std::string text;
};

constexpr ProcessKind master{{}, Role::master}, worker{{}, Role::worker};

WallTime time_before(int seconds) { return context.now - std::chrono::seconds{seconds}; }

DebugObject debug_of(Shape const& shape) {
  DebugObject debug{};
  std::string const& text = shape.text;
  debug.status = debug.environment.emplace(text);
  debug.autoconfigure_log.assign(20, text);
  debug.wiring = ForkSafeApp<toy::ToyPolicy>::report.wiring;
  debug.processes.push_back(
      {master, {}, {}, 1, 0, false, time_before(500), {}, true, {{"ApplicationPreFork", "before", 9, 9}}});
  int pid = 7;
  for (int slot = 1; slot <= shape.slots; ++slot)
    for (int incarnation = 1; incarnation <= shape.dead_of_each + 1; ++incarnation, ++pid) {
      bool const alive = incarnation > shape.dead_of_each;
      debug.processes.push_back(
          {worker,
           slot,
           incarnation,
           pid,
           1,
           true,
           time_before(300 - incarnation),
           alive ? std::optional<WallTime>{} : time_before(290 - incarnation),
           alive,
           {{"ApplicationPostFork", "child", 1, 1}, {"ApplicationWorkerReady", "child", alive ? 1u : 0u, 0}}});
    }
  for (std::size_t row = 0; row != shape.failures; ++row)
    debug.failures.push_back({text, "ApplicationPostFork", "child", worker, 1, 8, text + std::to_string(row), 3});
  for (int row = 0; row != 100; ++row) {
    debug.executed_hooks.push_back({text, "ApplicationPostFork", true});
    debug.settings.push_back({text, text, text});
    debug.findings.push_back(
        {Severity::error, Hazard::thread_lost, text, text, "why it matters, in a sentence", "what repairs it"});
    debug.incidents.push_back(
        {time_before(row), IncidentKind::respawn_storm, worker, row, 8, "ApplicationPostFork", "child", text, 5});
    debug.subscribers.push_back({text, Phase::application, {"ApplicationPostFork", "ApplicationPreFork"}, true});
    debug.departed.push_back({worker, 100, {{"ApplicationPostFork", "child", 100, 100}}});
  }
  for (int row = 0; row != 200; ++row)
    debug.journal.records.push_back({time_before(299 - row), worker, 1 + row % shape.slots, 1, 7 + row % (pid - 7),
                                     "ApplicationPostFork", "child", text, std::chrono::milliseconds{1},
                                     row % 3 == 0 ? Outcome::died_inside : Outcome::heard});
  debug.journal.written = debug.journal.records.size();
  return debug;
}

/// All workers were replaced, and the new ones have heard their events, but for a few that are not well.
DebugObject reloaded(int workers) {
  DebugObject debug{};
  debug.status = "Toy hook configured";
  debug.wiring = ForkSafeApp<toy::ToyPolicy>::report.wiring;
  debug.processes.push_back({master,
                             {},
                             {},
                             1,
                             0,
                             false,
                             time_before(500),
                             {},
                             true,
                             {{"ApplicationPreFork", "before", 512, 0}, {"ApplicationPostForkParent", "after", 512, 0}}});
  std::vector<HeardEvent> const heard{{"ApplicationPostFork", "child", 1, 0},
                                      {"ApplicationPostWorkerInit", "child", 1, 0},
                                      {"ApplicationWorkerReady", "child", 1, 0}};
  for (int slot = 1; slot <= std::min(workers, 64); ++slot) {
    std::vector<HeardEvent> events = heard;
    events.push_back({"ApplicationWorkerExit", "exit", 1, 0});
    debug.processes.push_back({worker, slot, 1, 1 + slot, 1, true, time_before(400), time_before(290), false, events});
  }
  for (int slot = 1; slot <= workers; ++slot)
    debug.processes.push_back({worker, slot, 2, 1'000 + slot, 1, true, time_before(300), {}, true, heard});
  if (workers > 200) {
    debug.processes[1].events.front().failed = 1;
    debug.processes[65].events.back().event = "ApplicationPostWorkerInit";
    debug.processes[130].events.front().failed = 1;
    debug.processes[200].alive = false;
  }
  for (int row = 0; row != 200; ++row)
    debug.journal.records.push_back({time_before(299 - row), worker, 57 + row, 2, 1'057 + row, "ApplicationPostWorkerInit",
                                     "child", "shop::Orders", std::chrono::milliseconds{1}, Outcome::heard});
  debug.journal.written = 3'000;
  debug.journal.dropped = 1'000;
  return debug;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

std::size_t rows_of(std::string_view html, std::string const& table) {
  auto const begin = html.find("id=\"t-" + table + "\"");
  if (begin == html.npos) return 0;
  std::string_view const body = html.substr(begin, html.find("</table>", begin) - begin);
  return count(body.substr(body.find("<tbody>")), "<tr");
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  std::string const quotes(300, '"');
  std::string broken;
  for (int number = 0; number != 300; ++number) broken += static_cast<char>(number % 2 == 0 ? 0xff : 1);
  for (std::string const& text : {std::string{"shop::Orders"}, std::string(77, 'n'), std::string(5'000, 'n'), quotes, broken,
                                  std::string(200, '&') + "\n<script>alert(1)</script>"}) {
    all.push_back({"a small server", 2, 0, 3, text});
    all.push_back({"as many workers as there can be", 256, 0, 5'000, text});
    all.push_back({"a respawn storm in 14 slots", 14, 8, 5'000, text});
    all.push_back({"a table of processes that is full", 64, 7, 5'000, text});
    all.push_back({"one slot that has died 511 times", 1, 511, 100, text});
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(room)

BOOST_AUTO_TEST_CASE(whatever_there_is_to_show_the_document_is_small_and_every_part_of_use) {
  for (Shape const& shape : shapes()) {
    std::string const html = to_html(debug_of(shape), context, "N");
    std::string const what = std::string{shape.name} + " with " + shape.text.substr(0, 12) + ": " + std::to_string(html.size());
    BOOST_TEST(html.size() <= page_limit, what);
    BOOST_TEST(html.ends_with("</script>\n"), what);
    for (std::string const table : {"incidents", "failures", "findings", "journal-records", "processes"})
      BOOST_TEST(rows_of(html, table) >= 3u, table << " " << what << ": " << rows_of(html, table));
    for (std::string const table : {"executed_hooks", "settings", "subscribers", "departed", "wiring"})
      BOOST_TEST(rows_of(html, table) >= 1u, table << " " << what << ": " << rows_of(html, table));
    std::size_t const lanes = count(html, "<div class=\"lane ") - 1;
    BOOST_TEST(lanes >= (shape.slots < 20 ? 3u : 10u), lanes << " lanes, " << what);
    BOOST_TEST(count(html, "<b>master</b>") >= 1u, what);
    // Each mark links to its record.
    for (auto at = html.find("href=\"#r"); at != html.npos; at = html.find("href=\"#r", at + 1)) {
      std::string const number = html.substr(at + 8, html.find('"', at + 8) - at - 8);
      BOOST_TEST(html.find("<tr id=\"r" + number + "\">") != html.npos, number << " " << what);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_body_for_another_document_stays_within_its_limit_too) {
  for (Shape const& shape : shapes())
    for (std::size_t const limit : {30'000u, 45'000u, 60'000u})
      BOOST_TEST(to_html_content(debug_of(shape), context, limit).size() <= limit, shape.name << " " << limit);
}

BOOST_AUTO_TEST_CASE(those_who_are_not_well_are_shown_where_there_is_no_room_for_all) {
  DebugObject debug = debug_of({"", 256, 0, 0, "text"});
  debug.journal.records.clear();
  ProcessRow& dead = debug.processes[200];
  dead.alive = false;
  dead.gone = time_before(1);
  std::string const html = to_html(debug, context, "N");
  std::string const title = "worker " + std::to_string(*dead.slot);
  BOOST_TEST(html.find("<li class=\"tile died\"><b>" + title + "</b>") != html.npos);
  BOOST_TEST(html.find("<div class=\"lane died\"") != html.npos);
}

BOOST_AUTO_TEST_CASE(as_many_workers_as_there_can_be_after_a_reload_are_told_of_in_little_room) {
  DebugObject const debug = reloaded(256);
  BOOST_TEST(to_json(debug).size() > 100'000u);
  std::string const html = to_html(debug, context, "N");
  BOOST_TEST(html.size() <= page_limit);
  std::string const text = to_brief_json(debug, context);
  BOOST_TEST(text.size() <= json_limit, text.size());
  json::value const brief = json::parse(text), whole = json::parse(to_json(debug));
  std::size_t left_out = 0;
  for (json::value const& table : brief.at("left_out").as_array()) {
    std::string const name{table.at("table").as_string()};
    BOOST_TEST(bool{name == "processes" || name == "journal.records"}, name);
    if (name == "processes") left_out = table.at("rows").to_number<std::size_t>();
  }
  json::array const& processes = brief.at("processes").as_array();
  BOOST_TEST(processes.size() + left_out == debug.processes.size());
  // The processes that are not well, and the one that answers, are there with all their facts.
  for (std::size_t const place : {0u, 1u, 65u, 130u, 200u})
    BOOST_TEST(std::ranges::count(processes, whole.at("processes").at(place)) == 1, place);
  for (std::string_view const bad : {"died", "starting"})
    BOOST_TEST(html.find("<div class=\"lane " + std::string{bad}) != html.npos, bad);
  json::array const& records = brief.at("journal").at("records").as_array();
  BOOST_TEST(records.size() >= 50u);
  BOOST_TEST(records.back() == whole.at("journal").at("records").as_array().back());
  // Everything else is unchanged.
  for (auto const& [key, value] : whole.as_object())
    BOOST_TEST(bool{key == "processes" || key == "journal" || brief.at(key) == value}, key);
}

BOOST_AUTO_TEST_CASE(the_json_form_is_small_whatever_there_is_to_show) {
  for (Shape const& shape : shapes()) {
    std::string const text = to_brief_json(debug_of(shape), context);
    BOOST_TEST(text.size() <= json_limit, shape.name << ": " << text.size());
    json::value const brief = json::parse(text);
    std::size_t const least = shape.text.size() < 200 ? 3 : shape.text.size() < 1'000 ? 1 : 0;
    for (char const* const table : {"incidents", "failures", "findings", "processes", "autoconfigure.log"})
      BOOST_TEST(brief.at(table).as_array().size() >= least, shape.name << ": " << table);
  }
  DebugObject const small = reloaded(2);
  std::string const all = to_json(small), brief = to_brief_json(small, context);
  BOOST_TEST(all.size() < json_limit);
  BOOST_TEST(brief == all.substr(0, all.size() - 1) + ",\"left_out\":[]}");
}

BOOST_AUTO_TEST_CASE(all_is_shown_where_it_is_asked_for) {
  PageContext everything = context;
  everything.all = true;
  DebugObject const debug = reloaded(256);
  std::string const html = to_html(debug, everything, "N");
  BOOST_TEST(rows_of(html, "processes") == debug.processes.size());
  BOOST_TEST(rows_of(html, "journal-records") == debug.journal.records.size());
  BOOST_TEST(count(html, "<li class=\"tile ") == 257u);
  BOOST_TEST(html.find("href=\"?all\"") == html.npos);
}

BOOST_AUTO_TEST_CASE(a_storm_costs_a_few_renderings_and_not_dozens) {
  DebugObject const debug = debug_of({"", 64, 7, 64, std::string(300, '"')});
  auto const cost = [](auto work) {
    std::clock_t const begin = std::clock();
    std::size_t size = 0;
    for (int time = 0; time != 5; ++time) size += work().size();
    BOOST_TEST(size > 0u);
    return std::clock() - begin;
  };
  std::clock_t const plain = cost([&] { return to_text(debug) + to_json(debug); });
  std::clock_t const page = cost([&] { return to_html(debug, context, "N"); });
  BOOST_TEST(page < 6 * plain, page << " against " << plain);
}

BOOST_AUTO_TEST_CASE(an_old_failure_is_told_and_warns_no_longer) {
  auto const level = [](DebugObject const& debug) {
    std::string const html = to_html(debug, context, "N");
    auto const begin = html.find("class=\"", html.find("<header id=\"verdict\"")) + 7;
    return html.substr(begin, html.find('"', begin) - begin) + ": " +
           html.substr(html.find("<h1>") + 4, html.find("</h1>") - html.find("<h1>") - 4);
  };
  DebugObject debug{};
  debug.wiring = ForkSafeApp<toy::ToyPolicy>::report.wiring;
  debug.processes = {{worker,
                      1,
                      1,
                      7,
                      1,
                      true,
                      time_before(500),
                      {},
                      true,
                      {{"ApplicationWorkerReady", "child", 1, 0}, {"ApplicationPreFork", "before", 9, 9}}}};
  BOOST_TEST(level(debug) == "ok: The worker is ready; 9 failed calls");
  debug.last_failed_call = time_before(30);
  BOOST_TEST(level(debug) == "warn: The worker is ready; 9 failed calls");
  debug.last_failed_call = time_before(3'600);
  BOOST_TEST(level(debug) == "ok: The worker is ready; 9 failed calls");
}

BOOST_AUTO_TEST_SUITE_END()
