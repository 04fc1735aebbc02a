// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
module forksafe.page;

namespace forksafe {
namespace {

/// How a field of the debug object is laid out, where it is not as all others are: open, or folded away; what of it
/// changes while the page is looked at; whose it is; the latest first.
struct Layout {
  std::string_view field;
  std::string_view heading{};
  bool open = false;
  bool live = false;
  bool of_this_process = false;
  bool latest_first = false;
};
constexpr std::array<Layout, 8> layouts{{
    {"incidents", "Incidents", true, true, false, true},
    {"failures", "Failed calls", true, false, true, true},
    {"findings", "Audit findings", true, false, true},
    {"journal.records", "Journal", true, true, false, true},
    {"processes", "Processes", true, true},
    {"departed", "Processes for which there was no room", false, true},
    {"executed_hooks", "Executed hooks", false, false, true},
    {"subscribers", "Subscribers, in the order of a child's calls"},
}};

/// Shown above, in numbers that are kept up to date.
constexpr std::array<std::string_view, 3> numbers{"journal.written", "journal.dropped", "journal.torn"};

Layout layout_of(std::string_view field) {
  auto const found = std::ranges::find(layouts, field, &Layout::field);
  return found == layouts.end() ? Layout{field} : *found;
}

std::string heading_of(Layout const& layout) {
  std::string heading{layout.heading.empty() ? layout.field : layout.heading};
  std::ranges::replace(heading, '_', ' ');
  if (heading.front() >= 'a' && heading.front() <= 'z')
    heading.front() = static_cast<char>(heading.front() - 'a' + 'A');
  return escaped(heading);
}

std::string without_prefix(std::string text) {
  constexpr std::string_view prefix = "Application";
  for (auto place = text.find(prefix); place != text.npos; place = text.find(prefix, place))
    text.erase(place, prefix.size());
  return text;
}

/// A cell as people read it.
std::string friendly(std::string_view column, std::string const& cell) {
  if (column == "time" || column == "born" || column == "gone") return clock_of(cell);
  if (column == "event" || column == "events") return without_prefix(cell);
  if (column == "nanoseconds" && cell != "-") {
    double nanoseconds = 0;
    std::from_chars(cell.data(), cell.data() + cell.size(), nanoseconds);
    return duration_of(nanoseconds / 1e9);
  }
  return cell;
}

/// What is longer may be broken into lines.
constexpr std::size_t longest_short = 20;

bool is_bad(std::string_view cell) noexcept {
  constexpr std::array<std::string_view, 8> words{"threw", "outlasted", "called_exit", "died_inside",
                                                  "error", "critical",  "fork_failed", "respawn_storm"};
  return std::ranges::find(words, cell) != words.end();
}

std::string row_of(ViewField const& field, std::vector<std::string> const& cells, std::string_view anchor) {
  std::string html = anchor.empty() ? "<tr>" : joined({"<tr id=\"r", anchor, "\">"});
  for (std::size_t column = 0; column != cells.size(); ++column) {
    std::string const cell = friendly(field.columns[column], cells[column]);
    std::string_view const tag = is_bad(cell)                  ? "<td class=\"bad\">"
                                 : cell.size() > longest_short ? "<td class=\"long\">"
                                                               : "<td>";
    html += joined({tag, escaped(cell)});
  }
  return html + "\n";
}

std::string table_of(ViewField const& field, Layout const& layout, JournalView const& journal, std::size_t most) {
  std::string html = "<table><thead><tr>";
  for (std::string const& column : field.columns) {
    std::string name = column == "nanoseconds" ? "duration" : column;
    std::ranges::replace(name, '_', ' ');
    html += "<th scope=\"col\">" + escaped(name);
  }
  html += "<tbody>\n";
  std::size_t const shown = std::min(most, field.rows.size());
  for (std::size_t index = 0; index != shown; ++index) {
    std::size_t const row = layout.latest_first ? field.rows.size() - 1 - index : index;
    html +=
        row_of(field, field.rows[row], field.name == "journal.records" ? std::to_string(number_of(journal, row)) : "");
  }
  html += "</table>\n";
  if (shown < field.rows.size())
    html += joined({"<p class=\"note\">", std::to_string(field.rows.size() - shown), " more of ",
                    std::to_string(field.rows.size()), " are in the JSON form.</p>\n"});
  return html;
}

/// What stands in the place of an empty table: that nobody has looked is no good news.
std::string_view nothing_of(ViewField const& field, DebugObject const& debug) {
  return field.name == "findings" && !debug.audited ? "not looked for: FORKSAFE_AUDIT=1 in the environment asks for it"
                                                    : "none";
}

std::string section_of(ViewField const& field, DebugObject const& debug, PageContext const& context, std::size_t most) {
  Layout const layout = layout_of(field.name);
  std::string id = escaped(field.name);
  std::ranges::replace(id, '.', '-');
  std::string const whose =
      layout.of_this_process ? joined({" <small>of pid ", std::to_string(context.process), "</small>"}) : "";
  std::string const tag = joined({" id=\"t-", id, "\"", layout.live ? " data-live" : ""});
  std::string const heading = heading_of(layout);
  if (field.rows.empty())
    return joined({"<p class=\"none\"", tag, "><b>", heading, "</b>", whose, " ", nothing_of(field, debug), "</p>\n"});
  std::string const count = joined({" <small>", std::to_string(field.rows.size()), "</small>"});
  std::string const table = table_of(field, layout, debug.journal, most);
  if (layout.open) return joined({"<section", tag, "><h2>", heading, count, whose, "</h2>\n", table, "</section>\n"});
  return joined({"<details", tag, "><summary><h2>", heading, count, whose, "</h2></summary>\n", table, "</details>\n"});
}

std::string facts_of(std::vector<ViewField> const& fields) {
  std::string html = "<section id=\"facts\"><h2>Report</h2>\n<dl class=\"facts\">\n";
  for (ViewField const& field : fields)
    if (field.columns.empty() && std::ranges::find(numbers, field.name) == numbers.end())
      html += joined({"<dt>", heading_of({field.name}), "</dt><dd>", escaped(field.rows.front().front()), "</dd>\n"});
  return html + "</dl></section>\n";
}

}  // namespace

std::string tables_of(std::vector<ViewField> const& fields, DebugObject const& debug, PageContext const& context,
                      std::size_t most) {
  std::string first, later;
  for (Layout const& layout : layouts)
    for (ViewField const& field : fields)
      if (field.name == layout.field && layout.open) first += section_of(field, debug, context, most);
  for (ViewField const& field : fields)
    if (!field.columns.empty() && !layout_of(field.name).open) later += section_of(field, debug, context, most);
  return first + facts_of(fields) + later;
}

}  // namespace forksafe
