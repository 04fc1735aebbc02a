// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

/// The marks, each with a shape of its own: colour alone says nothing to many.
constexpr Markup shapes =
    "<svg class=\"shapes\" aria-hidden=\"true\"><defs>"
    "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
    "<line class=\"hatch\" y2=\"6\"/></pattern>"
    "<circle id=\"k-heard\" r=\"4.5\"/><circle id=\"k-several\" r=\"8\"/><circle id=\"k-running\" r=\"4\"/>"
    "<path id=\"k-slow\" d=\"M-7 0-3.5-6H3.5L7 0 3.5 6H-3.5Z\"/>"
    "<path id=\"k-threw\" d=\"M-7 0 0-7 7 0 0 7Z\"/><path id=\"k-outlasted\" d=\"M-6-7H6L-6 7H6Z\"/>"
    "<rect id=\"k-called_exit\" x=\"-6\" y=\"-6\" width=\"12\" height=\"12\"/><path id=\"k-died_inside\" d=\"M0-8 8 6H-8Z\"/>"
    "<path id=\"k-died\" d=\"M-4-4 4 4M-4 4 4-4\"/><path id=\"k-left\" d=\"M0-6V6\"/></defs></svg>\n"_html;

constexpr int rank_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::heard: return 0;
    case Outcome::running: return 1;
    case Outcome::slow: return 2;
    case Outcome::outlasted: return 3;
    case Outcome::threw: return 4;
    case Outcome::called_exit: return 5;
    case Outcome::died_inside: return 6;
  }
  return 7;
}

constexpr std::array outcomes{Outcome::heard, Outcome::running,     Outcome::slow,       Outcome::outlasted,
                              Outcome::threw, Outcome::called_exit, Outcome::died_inside};
static_assert(std::ranges::is_sorted(outcomes, {}, rank_of));

}  // namespace

int gravity(Outcome outcome) noexcept { return rank_of(outcome); }

Markup mark_shapes() noexcept { return shapes; }

Html draw_legend(JournalView const& journal) {
  Html html = "<ul class=\"legend\" aria-label=\"Outcomes of calls\">"_html;
  for (Outcome const outcome : outcomes) {
    if (outcome != Outcome::heard && std::ranges::find(journal.records, outcome, &JournalRow::outcome) == journal.records.end())
      continue;
    std::string_view const name = name_of(outcome);
    std::string words{name};
    std::ranges::replace(words, '_', ' ');
    html += Html::of("<li><svg viewBox=\"-8 -8 16 16\" class=\""_html, name, "\"><use href=\"#k-"_html, name,
                     "\"/></svg> "_html, words, "</li>"_html);
  }
  return Html::of(html, "<li>a number: so many calls</li><li>hatched: the process is dead</li></ul>\n"_html);
}

}  // namespace forksafe
