// SPDX-License-Identifier: MIT
// A debug object with arbitrary texts: its JSON is valid and complete, and each other view is made.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

import forksafe;
import forksafe.audit;
import forksafe.page;

using namespace forksafe;

namespace {

std::string take(std::string_view& text) {
  auto const end = text.find('\n');
  std::string line{text.substr(0, end)};
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

void require(bool fulfilled, char const* promise, std::string const& text) {
  if (fulfilled) return;
  std::fprintf(stderr, "%s: %s\n", promise, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<char const*>(data), size};
  DebugObject debug{};
  debug.status = take(rest);
  debug.environment = take(rest);
  debug.autoconfigure_log = {take(rest), ""};
  debug.executed_hooks.push_back({take(rest), take(rest), true});
  FailureRow failure{take(rest), take(rest), take(rest), {}, 1, 2, {}, 1};
  std::string const role = take(rest);
  failure.role = {role, Role::worker};
  failure.reason = take(rest);
  debug.failures.push_back(std::move(failure));
  debug.settings.push_back({take(rest), take(rest), take(rest)});
  std::string const word = take(rest), subscriber = take(rest), what = take(rest), where = take(rest);
  ProcessKind const kind{word, Role::worker};
  debug.processes.push_back({kind, 1, 1, 2, 1, true, {}, WallTime{}, true, {}});
  debug.findings.push_back({Severity::warning, Hazard::descriptor_shared, what, where, "why", "repair"});
  debug.incidents.push_back({{}, IncidentKind::respawn_storm, kind, 1, 2, "ApplicationPostFork", "hook", subscriber, 1});
  debug.journal.records.push_back(
      {{}, kind, 1, 1, 2, "ApplicationPostFork", "hook", subscriber, std::chrono::nanoseconds{5}, Outcome::heard});

  auto const json = to_json(debug);
  boost::system::error_code error;
  auto const parsed = boost::json::parse(json, error);
  require(!error, "the JSON of a debug object is none", json);
  require(parsed.is_object() && parsed.as_object().at("failures").as_array().size() == 1, "a part is missing", json);
  require(parsed.as_object().at("settings").as_array().size() == 1, "a setting is missing", json);
  require(!to_text(debug).empty(), "there is no text", json);
  std::string const application = take(rest);
  PageContext const context{application, 2, {}, {}};
  auto const metrics = to_openmetrics(debug, context);
  require(metrics.ends_with("# EOF\n"), "the metrics have no end", metrics);
  return 0;
}
