// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe.page;

namespace forksafe {
namespace {

using Value = std::pair<std::string_view, std::string_view>;

/// Puts each value in the place of its `{{name}}`; what a value holds is not looked at again.
std::string filled(std::string_view text, std::initializer_list<Value> values) {
  std::string result;
  for (auto open = text.find("{{"); open != text.npos; open = text.find("{{")) {
    result += text.substr(0, open);
    std::string_view const name = text.substr(open + 2, text.find("}}") - open - 2);
    for (auto const& [key, value] : values)
      if (key == name) result += value;
    text.remove_prefix(open + name.size() + 4);
  }
  return result.append(text);
}

/// The script shows the button and tells beside it how the page lives.
constexpr std::string_view forms =
    "<nav class=\"forms\" aria-label=\"This page\"><span id=\"life\" role=\"status\"></span>"
    "<button id=\"pause\" type=\"button\" hidden>Pause</button>"
    "<a href=\"?format=json\">JSON</a><a href=\"?format=metrics\">OpenMetrics</a></nav>\n";

/// The timeline takes at most two fifths of the room; what it leaves is for the tables. Then it forgets the records that are
/// in no row.
std::string content_of(DebugObject const& debug, PageContext const& context, std::string_view summary,
                       std::size_t limit) {
  std::string const head = joined({"<div class=\"forksafe\">\n", summary, context.links ? forms : "", "<main>\n"});
  std::string_view const foot = "</main>\n</div>\n";
  std::size_t const room = limit - std::min(limit, head.size() + foot.size());
  std::size_t const records = debug.journal.records.size();
  std::string timeline = timeline_of(debug, context, records, room / 5 * 2);
  Tables const tables = tables_of(describe(debug), debug, context, room - std::min(room, timeline.size()));
  if (tables.records < records) timeline = timeline_of(debug, context, tables.records, timeline.size());
  return joined({head, timeline, tables.html, foot});
}

}  // namespace

std::string to_html_content(DebugObject const& debug, PageContext const& context, std::size_t limit) {
  return content_of(debug, context, summary_of(debug, context).html, limit);
}

std::string to_html(DebugObject const& debug, PageContext const& context, std::string_view nonce) {
  Summary const summary = summary_of(debug, context);
  std::string const title = escaped(summary.title);
  auto const document = [&](std::string_view content) {
    return filled(
        page_template(),
        {{"nonce", nonce}, {"title", title}, {"style", page_style()}, {"script", page_script()}, {"content", content}});
  };
  return document(content_of(debug, context, summary.html, page_limit - document({}).size()));
}

}  // namespace forksafe
