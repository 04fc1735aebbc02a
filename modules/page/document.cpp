// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

struct Place {
  std::string_view name;
  Html const& content;
};

/// Puts each content in the place of its `{{name}}`; what a content holds is not looked at again.
Html filled(Markup document, std::initializer_list<Place> places) {
  Html result;
  for (auto open = document.text().find("{{"); open != std::string_view::npos; open = document.text().find("{{")) {
    result += document.part(0, open);
    std::string_view const rest = document.text().substr(open + 2);
    std::string_view const name = rest.substr(0, rest.find("}}"));
    for (Place const& place : places)
      if (place.name == name) result += place.content;
    document = document.part(open + name.size() + 4);
  }
  result += document;
  return result;
}

/// The script shows the button and tells beside it how the page lives.
constexpr Markup forms = "<nav class=\"forms\" aria-label=\"This page\"><span id=\"life\" role=\"status\"></span>"
                         "<button id=\"pause\" type=\"button\" hidden>Pause</button>"
                         "<a href=\"?format=json\">JSON</a><a href=\"?format=metrics\">OpenMetrics</a></nav>\n"_html;

/// No server has more to show.
constexpr std::size_t endless = std::size_t{1} << 40;

/// The timeline takes at most two fifths of the room; what it leaves is for the tables. Then it forgets the records that are
/// in no row.
Html draw_content(DebugObject const& debug, PageContext const& context, Html const& summary, std::size_t limit) {
  Html const head = Html::of("<div class=\"forksafe\">\n"_html, summary, context.links ? forms : ""_html, "<main>\n"_html);
  constexpr Markup foot = "</main>\n</div>\n"_html;
  std::size_t const room = context.all ? endless : limit - std::min(limit, head.size() + foot.text().size());
  std::size_t const records = debug.journal.records.size();
  Html timeline = draw_timeline(debug, context, records, room / 5 * 2);
  Tables const tables = draw_tables(describe(debug), debug, context, room - std::min(room, timeline.size()));
  if (tables.records < records) timeline = draw_timeline(debug, context, tables.records, timeline.size());
  return Html::of(head, timeline, tables.html, foot);
}

}  // namespace

std::string_view page_style() noexcept { return style_markup().text(); }

std::string to_html_content(DebugObject const& debug, PageContext const& context, std::size_t limit) {
  return draw_content(debug, context, summarise(debug, context).html, limit).document();
}

std::string to_html(DebugObject const& debug, PageContext const& context, std::string_view nonce) {
  Summary const summary = summarise(debug, context);
  Html const title{summary.title}, once{nonce}, style = style_markup(), script = page_script();
  auto const document = [&](Html const& content) {
    return filled(page_template(),
                  {{"nonce", once}, {"title", title}, {"style", style}, {"script", script}, {"content", content}});
  };
  return document(draw_content(debug, context, summary.html, page_limit - document({}).size())).document();
}

}  // namespace forksafe
