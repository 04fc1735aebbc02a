// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.audit;
import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  return base::concat(count, " ", count == 1 ? one : more);
}

/// Returns the latest process of each slot; one without a slot stands for itself.
std::vector<ProcessRow const*> current_processes(DebugObject const& debug) {
  std::vector<ProcessRow const*> current;
  for (ProcessRow const* const process : in_order(debug)) {
    if (!current.empty() && share_slot(*process, *current.back())) {
      current.back() = process;
    } else {
      current.push_back(process);
    }
  }
  // A process that left in order and was not replaced is not wanted any more.
  std::erase_if(current, [&](ProcessRow const* process) { return derive_state(*process, debug) == State::left; });
  return current;
}

std::uint64_t failed_calls(DebugObject const& debug) {
  std::uint64_t failed = 0;
  auto const add = [&failed](std::vector<HeardEvent> const& events) {
    for (HeardEvent const& event : events) failed += event.failed;
  };
  for (ProcessRow const& process : debug.processes) add(process.events);
  for (DepartedRow const& departed : debug.departed) add(departed.events);
  return failed;
}

std::uint64_t grave_findings(DebugObject const& debug) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      debug.findings, [](FindingRow const& finding) { return level_of(finding.severity) == described::Level::bad; }));
}

struct Verdict {
  std::string_view level;
  std::string text;
};

/// Judges the workers that serve now; what happened before is told beside it.
Verdict judge_workers(std::vector<ProcessRow const*> const& current, DebugObject const& debug) {
  std::size_t total = 0, well = 0, dead = 0;
  std::string_view one = "worker", more = "workers";
  for (ProcessRow const* const process : current) {
    if (!serves(*process)) continue;
    State const state = derive_state(*process, debug);
    ++total;
    if (process->role.role != Role::worker) one = "process", more = "processes";
    well += state == State::ready || state == State::alive ? 1 : 0;
    dead += state == State::died ? 1 : 0;
  }
  if (total == 0) return {"off", debug.processes.empty() ? "No process has heard an event yet" : "There are no workers"};
  std::string const of_all = counted(total, one, more);
  if (dead != 0) return {"bad", base::concat(dead, " of ", of_all, dead == 1 ? " is dead" : " are dead")};
  if (well != total) return {"warn", base::concat(well, " of ", of_all, well == 1 ? " is ready" : " are ready")};
  return {"ok", total == 1 ? base::concat("The ", one, " is ready") : base::concat("All ", of_all, " are ready")};
}

/// Failed calls are counted from the start on: an old one is told, but does not warn any more.
bool has_failed_lately(DebugObject const& debug, PageContext const& context) {
  return debug.last_failed_call && *debug.last_failed_call >= context.now - incident_age;
}

Verdict judge(std::vector<ProcessRow const*> const& current, DebugObject const& debug, PageContext const& context) {
  Verdict verdict = judge_workers(current, debug);
  std::string trouble;
  auto const add = [&](std::uint64_t count, std::string_view one, std::string_view more) {
    if (count != 0) trouble += (trouble.empty() ? "" : ", ") + counted(count, one, more);
  };
  add(debug.incidents.size(), "incident", "incidents");
  add(failed_calls(debug), "failed call", "failed calls");
  add(grave_findings(debug), "audit finding", "audit findings");
  if (trouble.empty()) return verdict;
  bool const lately = !debug.incidents.empty() || grave_findings(debug) != 0 || has_failed_lately(debug, context);
  if (lately && verdict.level == "ok") verdict.level = "warn";
  verdict.text += "; " + trouble;
  return verdict;
}

Html draw_tile(ProcessRow const& process, DebugObject const& debug, PageContext const& context) {
  State const state = derive_state(process, debug);
  bool const is_up = process.alive && context.now >= process.born;
  return Html::of("<li class=\"tile "_html, name_of(state), "\"><b>"_html, Html{format_title(process), 60}, "</b> <span>"_html,
                  name_of(state), "</span><small>pid "_html, process.pid, is_up ? " · up "_html : ""_html,
                  is_up ? format_duration(context.now - process.born) : "", "</small></li>\n"_html);
}

Html number(std::uint64_t value, std::string_view what, std::string_view level) {
  return Html::of("<div class=\""_html, value == 0 ? "" : level, "\"><dt>"_html, what, "</dt><dd>"_html, value,
                  "</dd></div>\n"_html);
}

Html fact(std::string_view text) { return text.empty() ? Html{} : Html::of(" <span>"_html, text, "</span>"_html); }

constexpr std::size_t longest_parameter = 40;

Html ignored(std::string_view parameter) {
  return parameter.empty() ? Html{}
                           : Html::of(" <span>'"_html, Html{parameter, longest_parameter},
                                      "' of the address is ignored: this page knows all, format and span</span>"_html);
}

/// The most tiles that can be taken in at a glance; the table of processes has all.
constexpr std::size_t most_tiles = 64;
constexpr std::size_t tiles_size = 8'000;

bool is_well(ProcessRow const& process, DebugObject const& debug) {
  State const state = derive_state(process, debug);
  return state == State::ready || state == State::alive;
}

/// Where there is not room for all, those that are not well come first.
Html draw_tiles(std::vector<ProcessRow const*> const& all, DebugObject const& debug, PageContext const& context) {
  std::vector<ProcessRow const*> current;
  for (bool const well : {false, true})
    for (ProcessRow const* const process : all)
      if (is_well(*process, debug) == well) current.push_back(process);
  std::size_t const most = context.all ? all.size() : most_tiles;
  if (all.size() <= most) current = all;
  Html html;
  std::size_t shown = 0;
  while (shown != std::min(current.size(), most)) {
    Html const tile = draw_tile(*current[shown], debug, context);
    if (!context.all && html.size() + tile.size() > tiles_size) break;
    html += tile;
    ++shown;
  }
  if (shown < current.size()) html += Html::of("<li>and "_html, current.size() - shown, " more</li>\n"_html);
  return html;
}

/// Counts the processes that made room too: an orderly end of one was counted once.
std::uint64_t deaths(DebugObject const& debug) {
  auto died = static_cast<std::uint64_t>(
      std::ranges::count_if(debug.processes, [&](ProcessRow const& one) { return derive_state(one, debug) == State::died; }));
  for (DepartedRow const& departed : debug.departed) {
    std::uint64_t goodbyes = 0;
    for (HeardEvent const& heard : departed.events)
      if (heard.event == event_name<ApplicationWorkerExit> || heard.event == event_name<ApplicationServerExit>)
        goodbyes += heard.count;
    died += departed.processes - std::min(departed.processes, goodbyes);
  }
  return died;
}

}  // namespace

Summary summarise(DebugObject const& debug, PageContext const& context) {
  std::vector<ProcessRow const*> const current = current_processes(debug);
  Verdict const verdict = judge(current, debug, context);
  ProcessRow const* const process = find_answering(debug, context);
  std::string const answering = process == nullptr ? "" : format_title(*process);
  std::string const title = base::concat(context.application, ": ", verdict.text);
  Html html = Html::of("<header id=\"verdict\" data-live data-title=\""_html, title, "\" class=\""_html, verdict.level,
                       "\">\n<h1>"_html, verdict.text, "</h1>\n<p>"_html, fact(context.application),
                       fact(debug.environment.value_or("no container")), fact(debug.status), ignored(context.ignored),
                       " <span>answered by "_html, answering, answering.empty() ? "pid "_html : ", pid "_html, context.process,
                       "</span></p>\n</header>\n"_html);
  html += "<section id=\"now\" data-live aria-label=\"Now\">\n<ul class=\"tiles\">\n"_html;
  html += draw_tiles(current, debug, context);
  html += "</ul>\n<dl class=\"numbers\">\n"_html;
  html += number(deaths(debug), "died", "warn");
  html += number(debug.incidents.size(), "incidents", "bad");
  html += number(failed_calls(debug), "failed calls", "bad");
  if (debug.audited) html += number(debug.findings.size(), "audit findings", "warn");
  html += number(debug.journal.written, "records", "");
  html += number(debug.journal.dropped, "dropped", "");
  html += number(debug.journal.torn, "torn", "");
  html += "</dl>\n</section>\n"_html;
  return {title, std::move(html)};
}

}  // namespace forksafe
