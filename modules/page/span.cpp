// SPDX-License-Identifier: MIT
module;
#include <cstdio>
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

using std::chrono::seconds;

constexpr std::array<Span, 9> spans{{{seconds{10}, 5},
                                     {seconds{60}, 6},
                                     {seconds{600}, 5},
                                     {seconds{3'600}, 6},
                                     {seconds{21'600}, 6},
                                     {seconds{86'400}, 6},
                                     {seconds{604'800}, 7},
                                     {seconds{2'592'000}, 6},
                                     {seconds{31'536'000}, 5}}};
constexpr seconds longest_by_itself{600};

}  // namespace

Span span_for(seconds wanted, seconds age) {
  if (wanted <= seconds{0}) wanted = std::min(age, longest_by_itself);
  if (wanted == whole_life) wanted = age;
  auto const fits = [wanted](Span const& span) { return span.length >= wanted; };
  return *std::min(std::ranges::find_if(spans, fits), spans.end() - 1);
}

std::string percent(double place) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f%%", place);
  return text.data();
}

Html draw_axis(Span span) {
  Html html = "<div class=\"lane axis\" aria-hidden=\"true\"><span class=\"who\"></span><svg class=\"track\">"_html;
  for (int part = 0; part <= span.parts; ++part) {
    auto const back = span.length / span.parts * (span.parts - part);
    std::string const label = part == span.parts ? "now" : "−" + format_duration(back);
    Markup const edge = part == 0 ? " class=\"first\""_html : part == span.parts ? " class=\"last\""_html : ""_html;
    html += Html::of("<text x=\""_html, percent(100.0 * part / span.parts), "\" y=\"14\""_html, edge, ">"_html, label,
                     "</text>"_html);
  }
  return Html::of(html, "</svg></div>\n"_html);
}

Html draw_choices(std::chrono::seconds wanted) {
  struct Choice {
    std::string_view query;
    std::string_view label;
    seconds length;
  };
  constexpr std::array<Choice, 4> choices{{{"60", "1 min", seconds{60}},
                                           {"600", "10 min", seconds{600}},
                                           {"3600", "1 h", seconds{3'600}},
                                           {"all", "all", whole_life}}};
  Html html = "<nav class=\"spans\" aria-label=\"Span of the timeline\">"_html;
  for (Choice const& choice : choices)
    html += Html::of("<a href=\"?span="_html, choice.query, "\""_html,
                     choice.length == wanted ? " aria-current=\"true\""_html : ""_html, ">"_html, choice.label, "</a>"_html);
  return Html::of(html, "</nav>"_html);
}

}  // namespace forksafe
