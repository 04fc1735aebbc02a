// SPDX-License-Identifier: MIT
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>

import forksafe;
import forksafe.audit;
import forksafe.page;
import toy;

using namespace forksafe;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

constexpr std::string_view hostile = "</script><script>alert(1)</script>'\" onload=x &amp;{{style}}\x01\xff";
constexpr PageContext context{hostile, 7, WallTime{std::chrono::seconds{1'800'000'000}}};

/// A debug object with as much of everything as a server can have, and hostile texts everywhere.
DebugObject hostile_debug(std::size_t rows) {
  std::string const text{hostile};
  DebugObject debug{};
  debug.status = text;
  debug.environment = text;
  debug.autoconfigure_log = {text};
  for (std::size_t row = 0; row != rows; ++row) {
    auto const pid = static_cast<int>(row + 7);
    WallTime const time{std::chrono::seconds{1'800'000'000} - std::chrono::minutes{10 - row % 10}};
    ProcessKind const kind{hostile, Role::helper};
    debug.executed_hooks.push_back({text, text, true});
    debug.failures.push_back({text, text, text, kind, 1, pid, text, 0});
    debug.processes.push_back({kind, 1, pid, pid, 1, true, time, time, row % 2 == 0, {{hostile, hostile, 1, 1}}});
    debug.settings.push_back({text, text, text});
    debug.findings.push_back({Severity::error, Hazard::thread_lost, text, text, hostile, hostile});
    debug.incidents.push_back({time, IncidentKind::respawn_storm, kind, 1, pid, hostile, hostile, text, 1});
    debug.journal.records.push_back({time, kind, 1, pid, pid, hostile, hostile, text, std::chrono::microseconds{1},
                                     row % 3 == 0 ? Outcome::slow : Outcome::threw});
  }
  debug.journal.written = debug.journal.records.size();
  return debug;
}

/// Looks at the tags and attributes of a document, without its style and script: no text may have become markup.
bool holds_nothing_hostile(std::string_view html) {
  return !has(html, "<script>alert") && !has(html, "'\" onload") && !has(html, "\x01") && !has(html, "\xff") &&
         !has(html, "</script><script>");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(page)

BOOST_AUTO_TEST_CASE(every_value_is_escaped_in_every_form) {
  DebugObject const debug = hostile_debug(3);
  std::string const html = to_html(debug, context, "N");
  std::string const content = html.substr(html.find("<body>"), html.rfind("<script nonce") - html.find("<body>"));
  BOOST_TEST(holds_nothing_hostile(content));
  BOOST_TEST(has(content, "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&quot; onload=x &amp;amp;{{style}}"));
  BOOST_TEST(holds_nothing_hostile(to_html_content(debug, context)));
  std::string_view const head = std::string_view{html}.substr(0, html.find("<style"));
  BOOST_TEST(holds_nothing_hostile(head));
  BOOST_TEST(has(head, "<title>&lt;/script"));
  std::string const metrics = to_openmetrics(debug, context);
  BOOST_TEST(has(metrics, R"(application="</script><script>alert(1)</script>'\" onload=x &amp;{{style}})"));
  BOOST_TEST(!has(metrics, "\xff"));
  BOOST_TEST(!has(to_json(debug), "\xff"));
}

BOOST_AUTO_TEST_CASE(the_document_stays_small_whatever_it_has_to_show) {
  for (std::size_t const rows : {0u, 1u, 20u, 200u, 600u}) {
    std::string const html = to_html(hostile_debug(rows), context, "N");
    BOOST_TEST(html.size() <= page_limit, rows << " rows: " << html.size());
    if (rows > 20) BOOST_TEST(has(html, " are shown where <a href=\"?all\">all</a> is asked for."), rows << " rows");
  }
}

BOOST_AUTO_TEST_CASE(a_record_that_is_shown_is_reached_from_its_mark) {
  DebugObject const debug = hostile_debug(20);
  std::string const html =
      to_html(debug, {"shop", 7, WallTime{std::chrono::seconds{1'800'000'000}}, std::chrono::seconds{600}}, "N");
  std::size_t marks = 0;
  for (std::size_t at = html.find("href=\"#r"); at != html.npos; at = html.find("href=\"#r", at + 1), ++marks) {
    std::string const number = html.substr(at + 8, html.find('"', at + 8) - at - 8);
    BOOST_TEST(has(html, "<tr id=\"r" + number + "\">"), number);
  }
  BOOST_TEST(marks > 0u);
}

BOOST_AUTO_TEST_CASE(every_field_of_the_description_is_shown) {
  std::string const html = to_html(hostile_debug(1), {"shop", 7, {}}, "N");
  DebugObject const debug = hostile_debug(1);
  for (described::Field const& field : describe(debug)) {
    std::string name{field.name};
    if (name == "journal") continue;
    if (std::holds_alternative<described::Table>(field.value.is)) {
      BOOST_TEST(has(html, "id=\"t-" + name + "\""), name);
    } else {
      std::ranges::replace(name, '_', ' ');
      BOOST_TEST(has(html, name.substr(1) + "</dt><dd>"), name);
      std::string const cell = to_text(field.value);
      BOOST_TEST(bool{cell.size() < 28 ? has(html, "<dd>" + cell + "</dd>") : has(html, "<dd>&lt;/script")}, cell);
    }
  }
  BOOST_TEST(has(html, "id=\"t-journal-records\""));
}

BOOST_AUTO_TEST_CASE(every_outcome_and_every_incident_has_a_look_of_its_own) {
  DebugObject debug{};
  WallTime const time{std::chrono::seconds{1'799'999'940}};
  constexpr ProcessKind worker{{}, Role::worker};
  std::size_t outcomes = 0, kinds = 0;
  for (; name_of(static_cast<Outcome>(outcomes)) != "unknown"; ++outcomes) {
    auto const pid = static_cast<int>(outcomes) + 7;
    debug.processes.push_back({worker, 1 + pid, 1, pid, 1, true, time, {}, true, {}});
    debug.journal.records.push_back(
        {time, worker, pid, 1, pid, "ApplicationPostFork", "child", "one", {}, static_cast<Outcome>(outcomes)});
  }
  for (; name_of(static_cast<IncidentKind>(kinds)) != "unknown"; ++kinds)
    debug.incidents.push_back({time, static_cast<IncidentKind>(kinds), worker, 1, 7, {}, {}, {}, 1});
  BOOST_TEST(outcomes == 7u);
  BOOST_TEST(kinds == 5u);
  std::string const html = to_html(debug, {"shop", 7, WallTime{std::chrono::seconds{1'800'000'000}}}, "N");
  for (JournalRow const& record : debug.journal.records) {
    std::string const name{name_of(record.outcome)};
    BOOST_TEST(has(html, "<use href=\"#k-" + name + "\" x="), name);
    BOOST_TEST(has(html, " id=\"k-" + name + "\""), name);
    BOOST_TEST(has(html, "viewBox=\"-8 -8 16 16\" class=\"" + name + "\""), name);
    bool const is_good = record.outcome == Outcome::heard || record.outcome == Outcome::running;
    BOOST_TEST(bool{record.outcome == Outcome::heard || has(page_style(), ".forksafe ." + name)}, name);
    std::string const level = record.outcome == Outcome::slow ? "warn" : "bad";
    BOOST_TEST(has(html, (is_good ? "<td>" : "<td class=\"" + level + "\">") + name), name);
  }
  for (IncidentRow const& incident : debug.incidents) {
    std::string const name{name_of(incident.what)}, level = incident.what == IncidentKind::slow_start ? "warn" : "bad";
    BOOST_TEST(has(html, "<td class=\"" + level + "\">" + name), name);
  }
}

BOOST_AUTO_TEST_CASE(of_several_calls_in_one_mark_a_death_is_seen) {
  DebugObject debug{};
  WallTime const time{std::chrono::seconds{1'799'999'940}};
  constexpr ProcessKind worker{{}, Role::worker};
  debug.processes.push_back({worker, 1, 1, 7, 1, true, time, {}, true, {}});
  for (Outcome const outcome : {Outcome::heard, Outcome::died_inside, Outcome::slow})
    debug.journal.records.push_back({time, worker, 1, 1, 7, "ApplicationPostFork", "child", "one", {}, outcome});
  std::string const html = to_html(debug, {"shop", 7, WallTime{std::chrono::seconds{1'800'000'000}}}, "N");
  BOOST_TEST(has(html, "tabindex=\"-1\" class=\"died_inside\">"));
  BOOST_TEST(!has(html, "tabindex=\"-1\" class=\"slow\">"));
}

BOOST_AUTO_TEST_CASE(the_verdict_says_who_is_not_well) {
  auto const verdict = [](DebugObject const& debug) {
    std::string const html = to_html(debug, {"shop", 7, WallTime{std::chrono::seconds{1'800'000'000}}}, "N");
    std::size_t const begin = html.find("<h1>") + 4;
    return html.substr(begin, html.find("</h1>") - begin);
  };
  WallTime const time{std::chrono::seconds{1'799'999'400}};
  constexpr ProcessKind worker{{}, Role::worker};
  DebugObject debug{};
  BOOST_TEST(verdict(debug) == "No process has heard an event yet");
  constexpr std::string_view ready = "ApplicationWorkerReady", bye = "ApplicationWorkerExit";
  debug.wiring = ForkSafeApp<toy::ToyPolicy>::report.wiring;
  debug.processes = {{{{}, Role::master}, {}, {}, 1, 0, false, time, {}, true, {}},
                     {worker, 1, 1, 7, 1, true, time, {}, true, {{ready, "child", 1, 0}}},
                     {worker, 2, 1, 8, 1, true, time, {}, true, {{ready, "child", 1, 0}}}};
  BOOST_TEST(verdict(debug) == "All 2 workers are ready");
  debug.processes[2].events.clear();
  BOOST_TEST(verdict(debug) == "1 of 2 workers is ready");
  debug.processes[2].alive = false;
  BOOST_TEST(verdict(debug) == "1 of 2 workers is dead");
  debug.processes.push_back({worker, 2, 2, 9, 1, true, time, {}, true, {{ready, "child", 1, 1}}});
  BOOST_TEST(verdict(debug) == "All 2 workers are ready; 1 failed call");
  debug.processes[3] = {worker, 2, 2, 9, 1, true, time, time, false, {{bye, "exit", 1, 0}}};
  BOOST_TEST(verdict(debug) == "The worker is ready");
}

BOOST_AUTO_TEST_CASE(metrics_add_up_all_processes_those_that_made_room_included) {
  DebugObject debug{};
  constexpr ProcessKind worker{{}, Role::worker};
  debug.processes = {{worker, 1, 1, 7, 1, true, {}, {}, true, {{"ApplicationPostFork", "child", 1, 0}}},
                     {worker, 2, 1, 8, 1, true, {}, {}, false, {{"ApplicationPostFork", "child", 2, 1}}}};
  debug.departed = {{worker, 40, {{"ApplicationPostFork", "child", 40, 2}}}};
  std::string const metrics = to_openmetrics(debug, {"shop", 7, {}});
  for (std::string_view const line :
       {"forksafe_processes{role=\"worker\",state=\"alive\"} 1\n", "forksafe_processes{role=\"worker\",state=\"dead\"} 41\n",
        "forksafe_events_total{event=\"ApplicationPostFork\",hook=\"child\",role=\"worker\"} 43\n",
        "forksafe_events_failed_total{event=\"ApplicationPostFork\",hook=\"child\",role=\"worker\"} 3\n"})
    BOOST_TEST(has(metrics, line), line);
  BOOST_TEST(metrics.ends_with("\n# EOF\n"));
  BOOST_TEST(!has(metrics, "forksafe_audit_findings"));
}

BOOST_AUTO_TEST_CASE(metrics_of_one_process_keep_their_label_in_its_slot) {
  DebugObject debug{};
  debug.audited = true;
  debug.processes = {{{{}, Role::worker}, 3, 4, 7, 1, true, {}, {}, true, {}}};
  std::string const metrics = to_openmetrics(debug, {"shop", 7, {}});
  BOOST_TEST(has(metrics, "\nforksafe_unannounced_forks{process=\"worker 3\"} 0\n"), metrics);
  BOOST_TEST(has(metrics, "\nforksafe_audit_findings{process=\"worker 3\",severity=\"error\"} 0\n"), metrics);
  BOOST_TEST(has(to_openmetrics(debug, {"shop", 8, {}}), "\nforksafe_unannounced_forks{process=\"\"} 0\n"));
}

BOOST_AUTO_TEST_CASE(metrics_tell_samples_apart_by_what_is_described) {
  HeardEvent const heard{"ApplicationPreFork", "before", 2, 1};
  DebugObject debug{};
  debug.processes = {{{{}, Role::master}, {}, {}, 1, 0, false, {}, {}, true, {heard}}};
  described::Labels labels = labels_of(describe(heard));
  labels["role"] = "master";
  std::string const metrics = to_openmetrics(debug, {"shop", 7, {}});
  BOOST_TEST(has(metrics, "\nforksafe_events_total" + to_labels(labels) + " 2\n"), metrics);
  BOOST_TEST(has(metrics, "\nforksafe_events_failed_total" + to_labels(labels) + " 1\n"), metrics);
  BOOST_TEST(has(metrics, "\nforksafe_info{application=\"shop\",environment=\"\",status=\"\"} 1\n"), metrics);
}

BOOST_AUTO_TEST_SUITE_END()
