// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {

using described::Level;
using described::Table;
using described::Value;

namespace {

/// How a field of the debug object is laid out, where it is not as all others are: open, or folded away; what of it
/// changes while the page is looked at; whose it is.
struct Layout {
  std::string_view field;
  std::string_view heading{};
  bool open = false;
  bool live = false;
  bool of_this_process = false;
};
constexpr std::array<Layout, 8> layouts{{
    {"incidents", "Incidents", true, true},
    {"failures", "Failed calls", true, false, true},
    {"findings", "Audit findings", true, false, true},
    {"journal.records", "Journal", true, true},
    {"processes", "Processes", true, true},
    {"departed", "Processes for which there was no room", false, true},
    {"executed_hooks", "Executed hooks", false, false, true},
    {"subscribers", "Subscribers, in the order of a child's calls"},
}};

/// Shown above, in numbers that are kept up to date.
constexpr std::array<std::string_view, 3> numbers{"journal.written", "journal.dropped", "journal.torn"};

Layout find_layout(std::string_view field) {
  auto const found = std::ranges::find(layouts, field, &Layout::field);
  return found == layouts.end() ? Layout{field} : *found;
}

std::string format_heading(Layout const& layout) {
  std::string heading{layout.heading.empty() ? layout.field : layout.heading};
  std::ranges::replace(heading, '_', ' ');
  if (heading.front() >= 'a' && heading.front() <= 'z') heading.front() = static_cast<char>(heading.front() - 'a' + 'A');
  return heading;
}

std::string without_prefix(std::string text) {
  constexpr std::string_view prefix = "Application";
  for (auto place = text.find(prefix); place != text.npos; place = text.find(prefix, place)) text.erase(place, prefix.size());
  return text;
}

/// Returns a cell as people read it.
std::string friendly(std::string_view column, Value const& cell) {
  if (auto const* const time = std::get_if<WallTime>(&cell.is)) return format_clock(*time);
  if (auto const* const duration = std::get_if<std::chrono::nanoseconds>(&cell.is)) return format_duration(*duration);
  std::string text = to_text(cell);
  return column == "event" || column == "events" ? without_prefix(std::move(text)) : text;
}

/// Longer texts may be broken into lines.
constexpr std::size_t longest_short = 20;

Markup open_cell(Value const& cell, std::size_t size) noexcept {
  auto const* const word = std::get_if<described::Word>(&cell.is);
  switch (word == nullptr ? Level::plain : word->level) {
    case Level::bad: return "<td class=\"bad\">"_html;
    case Level::warning: return "<td class=\"warn\">"_html;
    case Level::plain: break;
  }
  return size > longest_short ? "<td class=\"long\">"_html : "<td>"_html;
}

Html draw_row(Table const& table, std::vector<Value> const& cells, std::string_view anchor, std::size_t longest) {
  Html html = anchor.empty() ? "<tr>"_html : Html::of("<tr id=\"r"_html, anchor, "\">"_html);
  for (std::size_t column = 0; column != cells.size(); ++column) {
    std::string const cell = friendly(table.columns[column], cells[column]);
    html += open_cell(cells[column], cell.size());
    html += Html{cell, longest};
  }
  html += "\n"_html;
  return html;
}

/// A field of the debug object or of a struct in it, with the names of both.
struct Part {
  std::string name;
  Value const* value;
};

void add_parts(std::vector<Part>& parts, described::Fields const& fields, std::string const& prefix) {
  for (described::Field const& field : fields) {
    std::string name = prefix + std::string{field.name};
    if (auto const* const inner = std::get_if<described::Fields>(&field.value.is)) {
      add_parts(parts, *inner, name + ".");
    } else {
      parts.push_back({std::move(name), &field.value});
    }
  }
}

/// Returns the text in the place of an empty table: a missing audit is not good news.
std::string_view describe_absence(std::string_view name, DebugObject const& debug) {
  return name == "findings" && !debug.audited ? "not looked for: FORKSAFE_AUDIT=1 in the environment asks for it" : "none";
}

/// A section whose rows are still to be chosen: what comes before and after them.
struct Section {
  std::string_view name;
  Table const* table;
  Layout layout;
  /// The places of the table's rows, in the order in which they are shown.
  std::vector<std::size_t> order;
  Html before;
  Html after;
  /// The rows in the order in which they are shown.
  std::vector<Html> rows{};
  std::size_t size = 0;
  /// How many of them there is room for.
  std::size_t shown = 0;
};

/// The note about missing rows is not longer than this.
constexpr std::size_t note_size = 130;
/// Above this number of processes, those that are not well come first.
constexpr std::size_t longest_at_a_glance = 64;
/// A table of fewer rows tells nothing: its texts are cut short instead.
constexpr std::size_t least_rows = 4;
constexpr std::size_t longest_in_need = 48;

/// Weighs tables that are open more, because failures are looked for first.
constexpr std::size_t weight_of(Layout const& layout) noexcept { return layout.open ? 4 : 1; }

Section make_section(std::string_view name, Table const& table, DebugObject const& debug, PageContext const& context) {
  Layout const layout = find_layout(name);
  std::string id{name};
  std::ranges::replace(id, '.', '-');
  Html const whose = layout.of_this_process ? Html::of(" <small>of pid "_html, context.process, "</small>"_html) : Html{};
  Html const tag = Html::of(" id=\"t-"_html, id, "\""_html, layout.live ? " data-live"_html : ""_html);
  std::string const heading = format_heading(layout);
  if (table.rows.empty())
    return {name,
            &table,
            layout,
            {},
            Html::of("<p class=\"none\""_html, tag, "><b>"_html, heading, "</b>"_html, whose, " "_html,
                     describe_absence(name, debug), "</p>\n"_html),
            {}};
  Html const title = Html::of("<h2>"_html, heading, " <small>"_html, table.rows.size(), "</small>"_html, whose, "</h2>"_html);
  Html before = layout.open ? Html::of("<section"_html, tag, ">"_html, title, "\n"_html)
                            : Html::of("<details"_html, tag, "><summary>"_html, title, "</summary>\n"_html);
  before += "<table><thead><tr>"_html;
  for (std::string_view const column : table.columns) {
    std::string words{column == "nanoseconds" ? "duration" : column};
    std::ranges::replace(words, '_', ' ');
    before += Html::of("<th scope=\"col\">"_html, words);
  }
  before += "<tbody>\n"_html;
  // The places of processes are learned once, and do not change as long as all fit at a glance.
  bool const is_long = table.rows.size() > longest_at_a_glance;
  std::vector<std::size_t> order = order_of_rows(name, table.rows.size(), debug, context);
  if (!is_long && name == "processes") std::ranges::sort(order);
  return {name, &table, layout, std::move(order), std::move(before), layout.open ? "</section>\n"_html : "</details>\n"_html};
}

/// Writes rows until they fill the room, and one more.
void write_rows(Section& section, JournalView const& journal, std::size_t room, std::size_t longest) {
  Table const& table = *section.table;
  section.rows.clear();
  section.size = 0;
  for (std::size_t const row : section.order) {
    if (section.size > room) break;
    std::string const anchor = section.name == "journal.records" ? std::to_string(record_number(journal, row)) : "";
    section.size += section.rows.emplace_back(draw_row(table, table.rows[row], anchor, longest)).size();
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
  std::vector<std::size_t> const shares = divide(needs, room);
  for (std::size_t index = 0; index != sections.size(); ++index) {
    Section& section = sections[index];
    std::size_t left = show_rows(section, shares[index]);
    if (section.shown < std::min(least_rows, section.table->rows.size())) {
      section.shown = 0;
      write_rows(section, journal, shares[index], longest_in_need);
      left = show_rows(section, shares[index]);
    }
    room -= shares[index] - left;
  }
  for (Section& section : sections) room = show_rows(section, room);
}

Html draw_section(Section const& section, PageContext const& context) {
  Html html = section.before;
  if (section.table->rows.empty()) return html;
  for (std::size_t index = 0; index != section.shown; ++index) html += section.rows[index];
  html += "</table>\n"_html;
  std::size_t const all = section.table->rows.size();
  if (section.shown < all)
    html += Html::of("<p class=\"note\">"_html, all - section.shown, " more of "_html, all,
                     context.links ? " are shown where <a href=\"?all\">all</a> is asked for.</p>\n"_html
                                   : " are in the JSON form.</p>\n"_html);
  html += section.after;
  return html;
}

Html draw_facts(std::vector<Part> const& parts) {
  Html html = "<section id=\"facts\"><h2>Report</h2>\n<dl class=\"facts\">\n"_html;
  for (Part const& part : parts)
    if (!std::holds_alternative<Table>(part.value->is) && std::ranges::find(numbers, part.name) == numbers.end())
      html += Html::of("<dt>"_html, format_heading({part.name}), "</dt><dd>"_html, to_text(*part.value), "</dd>\n"_html);
  html += "</dl></section>\n"_html;
  return html;
}

}  // namespace

Tables draw_tables(described::Fields const& fields, DebugObject const& debug, PageContext const& context, std::size_t room) {
  std::vector<Part> parts;
  add_parts(parts, fields, {});
  std::vector<Section> sections;
  auto const add = [&](Part const& part) {
    if (auto const* const table = std::get_if<Table>(&part.value->is))
      sections.push_back(make_section(part.name, *table, debug, context));
  };
  for (Layout const& layout : layouts)
    for (Part const& part : parts)
      if (part.name == layout.field && layout.open) add(part);
  auto const first = sections.size();
  for (Part const& part : parts)
    if (!find_layout(part.name).open) add(part);
  Html const facts = draw_facts(parts);
  std::size_t fixed = facts.size();
  for (Section const& section : sections) fixed += draw_section(section, context).size() + note_size;
  choose_rows(sections, debug.journal, room - std::min(room, fixed));
  Tables tables;
  for (std::size_t index = 0; index != sections.size(); ++index) {
    if (index == first) tables.html += facts;
    tables.html += draw_section(sections[index], context);
    if (sections[index].name == "journal.records") tables.records = sections[index].shown;
  }
  return tables;
}

}  // namespace forksafe
