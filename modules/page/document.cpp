// SPDX-License-Identifier: MIT
module;
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

std::string content_of(DebugObject const& debug, PageContext const& context, std::string_view summary,
                       std::size_t limit) {
  std::vector<ViewField> const fields = fields_of(debug);
  for (std::size_t most = debug.journal.records.size() + 100;; most -= most / 8 + 1) {
    std::string html =
        joined({"<div class=\"forksafe\">\n", summary, context.links ? forms : "", "<main>\n",
                timeline_of(debug, context, most), tables_of(fields, debug, context, most), "</main>\n</div>\n"});
    if (html.size() <= limit || most == 0) return html;
  }
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
