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
  constexpr std::array<std::string_view, 9> words{"threw",    "outlasted",   "called_exit",   "died_inside",  "error",
                                                  "critical", "fork_failed", "respawn_storm", "never_arrived"};
  return std::ranges::find(words, cell) != words.end();
}

std::string row_of(ViewField const& field, std::vector<std::string> const& cells, std::string_view anchor,
                   std::size_t longest) {
  std::string html = anchor.empty() ? "<tr>" : joined({"<tr id=\"r", anchor, "\">"});
  for (std::size_t column = 0; column != cells.size(); ++column) {
    std::string const cell = friendly(field.columns[column], cells[column]);
    std::string_view const tag = is_bad(cell)                  ? "<td class=\"bad\">"
                                 : cell.size() > longest_short ? "<td class=\"long\">"
                                                               : "<td>";
    html += joined({tag, escaped(cell, longest)});
  }
  return html + "\n";
}

/// What stands in the place of an empty table: that nobody has looked is no good news.
std::string_view nothing_of(ViewField const& field, DebugObject const& debug) {
  return field.name == "findings" && !debug.audited ? "not looked for: FORKSAFE_AUDIT=1 in the environment asks for it"
                                                    : "none";
}

/// A section whose rows are still to be chosen: what comes before and after them.
struct Section {
  ViewField const* field;
  Layout layout;
  std::string before;
  std::string after;
  /// In the order in which they are shown.
  std::vector<std::string> rows{};
  std::size_t size = 0;
  /// How many of them there is room for.
  std::size_t shown = 0;
};

/// What says how many rows are missing is no longer.
constexpr std::size_t note_size = 100;
/// A table of fewer rows tells nothing: rather are its texts cut short.
constexpr std::size_t least_rows = 4;
constexpr std::size_t longest_in_need = 48;

/// What went wrong is looked for first.
constexpr std::size_t weight_of(Layout const& layout) noexcept { return layout.open ? 4 : 1; }

Section section_of(ViewField const& field, DebugObject const& debug, PageContext const& context) {
  Layout const layout = layout_of(field.name);
  std::string id = escaped(field.name);
  std::ranges::replace(id, '.', '-');
  std::string const whose =
      layout.of_this_process ? joined({" <small>of pid ", std::to_string(context.process), "</small>"}) : "";
  std::string const tag = joined({" id=\"t-", id, "\"", layout.live ? " data-live" : ""});
  std::string const heading = heading_of(layout);
  if (field.rows.empty())
    return {&field, layout,
            joined({"<p class=\"none\"", tag, "><b>", heading, "</b>", whose, " ", nothing_of(field, debug), "</p>\n"}), ""};
  std::string const title = joined({"<h2>", heading, " <small>", std::to_string(field.rows.size()), "</small>", whose, "</h2>"});
  std::string before = layout.open ? joined({"<section", tag, ">", title, "\n"})
                                   : joined({"<details", tag, "><summary>", title, "</summary>\n"});
  before += "<table><thead><tr>";
  for (std::string const& column : field.columns) {
    std::string name = column == "nanoseconds" ? "duration" : column;
    std::ranges::replace(name, '_', ' ');
    before += "<th scope=\"col\">" + escaped(name);
  }
  return {&field, layout, before + "<tbody>\n", layout.open ? "</section>\n" : "</details>\n"};
}

/// Writes rows until they fill the room, and one more.
void write_rows(Section& section, JournalView const& journal, std::size_t room, std::size_t longest) {
  ViewField const& field = *section.field;
  section.rows.clear();
  section.size = 0;
  for (std::size_t index = 0; index != field.rows.size() && section.size <= room; ++index) {
    std::size_t const row = section.layout.latest_first ? field.rows.size() - 1 - index : index;
    std::string const anchor = field.name == "journal.records" ? std::to_string(number_of(journal, row)) : "";
    section.size += section.rows.emplace_back(row_of(field, field.rows[row], anchor, longest)).size();
  }
}

/// Shows as many more rows as there is room for; returns what is left of it.
std::size_t show_rows(Section& section, std::size_t room) {
  while (section.shown != section.rows.size() && section.rows[section.shown].size() <= room)
    room -= section.rows[section.shown++].size();
  return room;
}

void choose_rows(std::vector<Section>& sections, JournalView const& journal, std::size_t room) {
  std::vector<Need> needs;
  for (Section& section : sections) {
    write_rows(section, journal, room, longest_text);
    needs.push_back({section.size, weight_of(section.layout)});
  }
  std::vector<std::size_t> const shares = shares_of(needs, room);
  for (std::size_t index = 0; index != sections.size(); ++index) {
    Section& section = sections[index];
    std::size_t left = show_rows(section, shares[index]);
    if (section.shown < std::min(least_rows, section.field->rows.size())) {
      section.shown = 0;
      write_rows(section, journal, shares[index], longest_in_need);
      left = show_rows(section, shares[index]);
    }
    room -= shares[index] - left;
  }
  for (Section& section : sections) room = show_rows(section, room);
}

std::string html_of(Section const& section) {
  if (section.field->rows.empty()) return section.before;
  std::string html = section.before;
  for (std::size_t index = 0; index != section.shown; ++index) html += section.rows[index];
  html += "</table>\n";
  std::size_t const all = section.field->rows.size();
  if (section.shown < all)
    html += joined({"<p class=\"note\">", std::to_string(all - section.shown), " more of ", std::to_string(all),
                    " are in the JSON form.</p>\n"});
  return html + section.after;
}

std::string facts_of(std::vector<ViewField> const& fields) {
  std::string html = "<section id=\"facts\"><h2>Report</h2>\n<dl class=\"facts\">\n";
  for (ViewField const& field : fields)
    if (field.columns.empty() && std::ranges::find(numbers, field.name) == numbers.end())
      html += joined({"<dt>", heading_of({field.name}), "</dt><dd>", escaped(field.rows.front().front()), "</dd>\n"});
  return html + "</dl></section>\n";
}

}  // namespace

Tables tables_of(std::vector<ViewField> const& fields, DebugObject const& debug, PageContext const& context,
                 std::size_t room) {
  std::vector<Section> sections;
  for (Layout const& layout : layouts)
    for (ViewField const& field : fields)
      if (field.name == layout.field && layout.open) sections.push_back(section_of(field, debug, context));
  auto const first = sections.size();
  for (ViewField const& field : fields)
    if (!field.columns.empty() && !layout_of(field.name).open) sections.push_back(section_of(field, debug, context));
  std::string const facts = facts_of(fields);
  std::size_t fixed = facts.size();
  for (Section const& section : sections) fixed += html_of(section).size() + note_size;
  choose_rows(sections, debug.journal, room - std::min(room, fixed));
  Tables tables;
  for (std::size_t index = 0; index != sections.size(); ++index) {
    if (index == first) tables.html += facts;
    tables.html += html_of(sections[index]);
    if (sections[index].field->name == "journal.records") tables.records = sections[index].shown;
  }
  return tables;
}

}  // namespace forksafe
