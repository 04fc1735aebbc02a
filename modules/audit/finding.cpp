// SPDX-License-Identifier: MIT
module forksafe.audit;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

std::string counted(std::size_t count, std::string_view noun) { return base::concat(count, " ", noun, count == 1 ? "" : "s"); }

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string in_words(ForkCost const& cost) {
  auto const size = [](std::uint64_t bytes) { return base::concat(bytes / 1024, " KiB"); };
  return base::concat("a fork of this parent copies up to ", size(cost.page_tables),
                      " of page tables, and page by page what is written of ", size(cost.anonymous), " (", size(cost.huge),
                      " in huge pages); ", size(cost.resident), " are resident");
}

void append_json(std::string& json, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  json += '"';
  for (char const letter : text) {
    auto const code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      json += '\\';
      json += letter;
    } else if (code < 0x20 || code >= 0x7f) {
      // Paths and names are bytes of no known encoding.
      json += "\\u00";
      json += digits[code >> 4];
      json += digits[code & 15];
    } else {
      json += letter;
    }
  }
  json += '"';
}

void append_field(std::string& json, std::string_view name, std::string_view value) {
  if (json.back() != '{') json += ',';
  append_json(json, name);
  json += ':';
  append_json(json, value);
}

}  // namespace

std::string_view name_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
    case Severity::critical: break;
  }
  return "critical";
}

std::string_view name_of(Hazard hazard) noexcept {
  switch (hazard) {
    case Hazard::thread_lost: return "thread lost";
    case Hazard::descriptor_shared: return "descriptor shared";
    case Hazard::lock_orphaned: return "lock orphaned";
    case Hazard::random_duplicated: return "random state duplicated";
    case Hazard::output_duplicated: return "output duplicated";
    case Hazard::fork_unannounced: return "fork unannounced";
    case Hazard::memory_shared: return "memory shared";
    case Hazard::signals_inherited: break;
  }
  return "signals inherited";
}

std::string to_text(AuditReport const& report) {
  std::string text = base::concat("forksafe audit: process ", report.process, ", forked by ", report.parent, ": ",
                                  counted(report.findings.size(), "finding"), "\n");
  std::size_t width = 0;
  for (Finding const& finding : report.findings) width = std::max(width, finding.what.size());
  for (Finding const& finding : report.findings) {
    text += "  " + padded(std::string{name_of(finding.severity)}, 8) + "  " +
            (finding.where_from.empty() ? finding.what : padded(finding.what, width) + "  " + finding.where_from) + "\n";
    text += "            why     " + std::string{finding.why} + "\n";
    text += "            repair  " + std::string{finding.repair} + "\n";
  }
  for (Allowed const& allowed : report.allowed) text += "  allowed   " + allowed.what + ": " + allowed.reason + "\n";
  if (report.cost.resident != 0) text += "  memory    " + in_words(report.cost) + "\n";
  return text;
}

std::string to_json(AuditReport const& report) {
  std::string json = base::concat("{\"process\":", report.process, ",\"parent\":", report.parent, ",\"findings\":[");
  for (Finding const& finding : report.findings) {
    json += &finding == report.findings.data() ? "{" : ",{";
    append_field(json, "severity", name_of(finding.severity));
    append_field(json, "hazard", name_of(finding.hazard));
    append_field(json, "what", finding.what);
    append_field(json, "where_from", finding.where_from);
    append_field(json, "why", finding.why);
    append_field(json, "repair", finding.repair);
    json += '}';
  }
  json += "],\"allowed\":[";
  for (Allowed const& allowed : report.allowed) {
    json += &allowed == report.allowed.data() ? "{" : ",{";
    append_field(json, "what", allowed.what);
    append_field(json, "reason", allowed.reason);
    json += '}';
  }
  json += ']';
  if (ForkCost const& cost = report.cost; cost.resident != 0)
    json += base::concat(",\"memory\":{\"resident\":", cost.resident, ",\"anonymous\":", cost.anonymous,
                         ",\"huge\":", cost.huge, ",\"page_tables\":", cost.page_tables, "}");
  return json + '}';
}

}  // namespace forksafe
