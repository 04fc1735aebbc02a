// SPDX-License-Identifier: MIT
module;
#include <cstdio>
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// Marks that are nearer than this, in percent of the width, become one.
constexpr double nearest = 1.1;
constexpr std::size_t most_lanes_of_slot = 8;
constexpr std::size_t most_lines = 6;
constexpr std::size_t longest_line = 100;
/// The note about missing lanes is not longer than this.
constexpr std::size_t note_size = 150;

struct Call {
  std::uint64_t number;
  JournalRow const* row;
};

struct Lane {
  ProcessRow const* process;
  State state;
  WallTime end;
  std::vector<Call> calls{};
  /// The number of younger processes of its slot.
  std::size_t younger = 0;
};

/// A lane of the document: what is around its marks, and these from the oldest to the latest.
struct Drawn {
  Html before;
  std::vector<Html> marks;
  std::size_t size = 0;
};
constexpr Markup lane_end = "</svg></div>\n"_html;

class Timeline {
 public:
  Timeline(DebugObject const& debug, PageContext const& context, std::size_t records);
  [[nodiscard]] Html html(std::size_t room) const;

 private:
  void add_calls(std::size_t most);
  void count_younger();
  void choose_span(seconds wanted);
  [[nodiscard]] double locate(WallTime time) const noexcept;
  [[nodiscard]] WallTime begin() const noexcept { return now_ - span_.length; }
  [[nodiscard]] Drawn draw(Lane const& lane) const;
  [[nodiscard]] Html life(Lane const& lane) const;
  [[nodiscard]] std::vector<Html> marks(Lane const& lane) const;
  [[nodiscard]] Html mark(Call const* first, Call const* last) const;
  /// Returns the lanes that reach into the span.
  [[nodiscard]] std::vector<Lane const*> candidates() const;
  /// Returns the numbers of the lanes in the order of drawing: those not well, those there now, those there before.
  [[nodiscard]] std::vector<std::size_t> by_importance(std::vector<Lane const*> const& lanes) const;
  [[nodiscard]] std::size_t rank_of(Lane const& lane) const;
  /// Returns as many lanes as there is room for, and their number.
  [[nodiscard]] std::pair<Html, std::size_t> lanes(std::size_t room) const;

  DebugObject const& debug_;
  PageContext const& context_;
  std::vector<Lane> lanes_{};
  /// Not before the epoch, as no time of the debug object.
  WallTime now_;
  Span span_{};
};

Timeline::Timeline(DebugObject const& debug, PageContext const& context, std::size_t records)
    : debug_(debug), context_(context), now_(std::max(context.now, WallTime{})) {
  for (ProcessRow const* const process : in_order(debug))
    lanes_.push_back({process, derive_state(*process, debug),
                      process->alive ? now_ : std::max(process->gone.value_or(WallTime{}), process->born)});
  add_calls(records);
  count_younger();
  choose_span(context.span);
}

/// A record belongs to the latest process of its number that was there before it.
void Timeline::add_calls(std::size_t most) {
  std::vector<JournalRow> const& records = debug_.journal.records;
  for (std::size_t index = records.size() - std::min(most, records.size()); index != records.size(); ++index) {
    Call const call{record_number(debug_.journal, index), &records[index]};
    Lane* owner = nullptr;
    for (Lane& lane : lanes_)
      if (lane.process->pid == call.row->pid && lane.process->born <= call.row->time &&
          (owner == nullptr || owner->process->born < lane.process->born))
        owner = &lane;
    if (owner == nullptr) continue;
    owner->calls.push_back(call);
    // A process without a recorded end was there as long as it did something.
    owner->end = std::max(owner->end, std::min(call.row->time, now_));
  }
}

void Timeline::choose_span(seconds wanted) {
  WallTime begin = now_;
  for (Lane const& lane : lanes_) begin = std::min(begin, lane.process->born);
  span_ = span_for(wanted, std::chrono::ceil<seconds>(now_ - begin));
}

double fraction(std::chrono::nanoseconds duration, seconds whole) noexcept {
  return std::chrono::duration<double>{duration} / std::chrono::duration<double>{whole} * 100.0;
}

double Timeline::locate(WallTime time) const noexcept {
  return std::clamp(100.0 - fraction(now_ - time, span_.length), 0.0, 100.0);
}

std::string format_record(JournalRow const& record) {
  std::string text = format_clock(record.time);
  text.append(" ").append(record.event.substr(record.event.starts_with("Application") ? 11 : 0)).append(" ");
  text += record.subscriber.empty() ? "nobody listened" : record.subscriber + ": " + std::string{name_of(record.outcome)};
  if (record.nanoseconds) text += ", " + format_duration(*record.nanoseconds);
  return text;
}

Html Timeline::mark(Call const* first, Call const* last) const {
  Outcome worst = first->row->outcome;
  Html title;
  for (Call const* call = first; call != last; ++call) {
    if (gravity(call->row->outcome) > gravity(worst)) worst = call->row->outcome;
    if (static_cast<std::size_t>(call - first) < most_lines)
      title += Html::of(title.empty() ? ""_html : "\n"_html, Html{format_record(*call->row), longest_line});
  }
  auto const count = static_cast<std::size_t>(last - first);
  if (count > most_lines) title += Html::of("\nand "_html, count - most_lines, " more"_html);
  std::string const x = percent(std::clamp(locate(first->row->time), 0.7, 99.3));
  std::string_view const outcome = name_of(worst);
  Html const shape = count > 1 && worst == Outcome::heard
                         ? Html::of("<use href=\"#k-several\" x=\""_html, x, "\" y=\"13\"/><text x=\""_html, x,
                                    "\" y=\"16.5\">"_html, count, "</text>"_html)
                         : Html::of("<use href=\"#k-"_html, outcome, "\" x=\""_html, x, "\" y=\"13\"/>"_html);
  return Html::of("<a id=\"m"_html, first->number, "\" href=\"#r"_html, first->number, "\" tabindex=\"-1\" class=\""_html,
                  outcome, "\"><title>"_html, title, "</title>"_html, shape, "</a>"_html);
}

std::vector<Html> Timeline::marks(Lane const& lane) const {
  std::vector<Html> marks;
  auto const* first = lane.calls.data();
  auto const* const end = first + lane.calls.size();
  while (first != end && first->row->time < begin()) ++first;
  while (first != end) {
    auto const* last = first + 1;
    while (last != end && locate(last->row->time) - locate(first->row->time) < nearest) ++last;
    Html& html = marks.emplace_back();
    for (auto const* call = first; call != last; ++call) {
      double const width = fraction(call->row->nanoseconds.value_or(std::chrono::nanoseconds{}), span_.length);
      if (width > 0.3)
        html += Html::of("<rect class=\"call\" x=\""_html, percent(locate(call->row->time)), "\" y=\"9\" width=\""_html,
                         percent(width), "\" height=\"8\"/>"_html);
    }
    html += mark(first, last);
    first = last;
  }
  return marks;
}

Html Timeline::life(Lane const& lane) const {
  double const from = locate(lane.process->born), to = locate(lane.end);
  Html html = Html::of("<rect class=\"life\" x=\""_html, percent(from), "\" y=\"8\" width=\""_html,
                       percent(std::max(to - from, 0.4)), "\" height=\"10\" rx=\"3\"/>"_html);
  if (!lane.process->alive)
    html +=
        Html::of("<use class=\"end\" href=\"#k-"_html, name_of(lane.state), "\" x=\""_html, percent(to), "\" y=\"13\"/>"_html);
  return html;
}

/// Tells a process, together with its number, from all others.
int microsecond(WallTime time) noexcept {
  return static_cast<int>(std::chrono::floor<microseconds>(time.time_since_epoch()).count() % 1'000'000);
}

Drawn Timeline::draw(Lane const& lane) const {
  ProcessRow const& process = *lane.process;
  Html const title{format_title(process), longest_line};
  std::string_view const state = name_of(lane.state);
  Drawn drawn{
      Html::of("<div class=\"lane "_html, state, "\" id=\"p"_html, process.pid, "-"_html, microsecond(process.born),
               "\" role=\"group\" tabindex=\"0\" aria-label=\""_html, title, ", pid "_html, process.pid, ", "_html, state,
               ", since "_html, format_clock(process.born), ", "_html, lane.calls.size(),
               " calls\"><span class=\"who\"><b>"_html, title, "</b> <small>"_html, process.pid,
               process.alive ? Html{} : Html::of(" "_html, state), "</small></span><svg class=\"track\">"_html, life(lane)),
      marks(lane)};
  for (Html const& mark : drawn.marks) drawn.size += mark.size();
  return drawn;
}

/// Counts from the youngest of each slot to its oldest.
void Timeline::count_younger() {
  for (auto lane = lanes_.rbegin(); lane != lanes_.rend(); ++lane)
    if (lane != lanes_.rbegin() && share_slot(*lane->process, *std::prev(lane)->process))
      lane->younger = std::prev(lane)->younger + 1;
}

std::vector<Lane const*> Timeline::candidates() const {
  std::vector<Lane const*> lanes;
  for (Lane const& lane : lanes_)
    if (lane.end >= begin() && lane.younger < most_lanes_of_slot) lanes.push_back(&lane);
  return lanes;
}

std::size_t Timeline::rank_of(Lane const& lane) const {
  auto const is_bad = [](Call const& call) { return gravity(call.row->outcome) > gravity(Outcome::running); };
  bool const is_own = lane.process->alive && lane.process->pid == context_.process;
  if (lane.younger == 0 && (is_own || !serves(*lane.process))) return 0;
  if (lane.younger == 0 && ((lane.state != State::ready && lane.state != State::alive && lane.state != State::left) ||
                            std::ranges::any_of(lane.calls, is_bad)))
    return 1;
  return 2 + lane.younger;
}

std::vector<std::size_t> Timeline::by_importance(std::vector<Lane const*> const& lanes) const {
  std::vector<std::size_t> order(lanes.size());
  for (std::size_t index = 0; index != order.size(); ++index) order[index] = index;
  std::ranges::sort(order, {}, [&](std::size_t index) { return std::pair{rank_of(*lanes[index]), index}; });
  return order;
}

std::pair<Html, std::size_t> Timeline::lanes(std::size_t room) const {
  std::vector<Lane const*> const lanes = candidates();
  std::vector<std::pair<std::size_t, Drawn>> chosen;
  // Lanes without their marks say little, so that a part of the room is reserved for marks.
  std::size_t frames = 0;
  for (std::size_t const index : by_importance(lanes)) {
    Drawn drawn = draw(*lanes[index]);
    std::size_t const frame = drawn.before.size() + lane_end.text().size();
    if (frames + frame > room / 4 * 3) break;
    frames += frame;
    chosen.emplace_back(index, std::move(drawn));
  }
  std::vector<Need> needs;
  for (auto const& [index, drawn] : chosen) needs.push_back({drawn.size, 1});
  std::vector<std::size_t> const shares = divide(needs, room - frames);
  for (std::size_t number = 0; number != chosen.size(); ++number) {
    Drawn& drawn = chosen[number].second;
    // The latest ones stay.
    auto first = drawn.marks.end();
    for (std::size_t left = shares[number]; first != drawn.marks.begin() && std::prev(first)->size() <= left; --first)
      left -= std::prev(first)->size();
    for (; first != drawn.marks.end(); ++first) drawn.before += *first;
  }
  std::ranges::sort(chosen, {}, &std::pair<std::size_t, Drawn>::first);
  Html html;
  for (auto const& [index, drawn] : chosen) {
    html += drawn.before;
    html += lane_end;
  }
  return {std::move(html), chosen.size()};
}

Html Timeline::html(std::size_t room) const {
  Html const head = Html::of("<section id=\"timeline\" data-live>\n<h2>Timeline</h2>"_html,
                             context_.links ? draw_choices(context_.span) : Html{}, "\n"_html, mark_shapes(),
                             "<div class=\"lanes by"_html, span_.parts, "\">\n"_html);
  Html const foot = Html::of(draw_axis(span_), "</div>\n"_html, draw_legend(debug_.journal));
  constexpr Markup end = "</section>\n"_html;
  std::size_t const fixed = head.size() + foot.size() + end.text().size() + note_size;
  auto const [html, drawn] = lanes(room - std::min(room, fixed));
  Html const note = drawn == lanes_.size()
                        ? Html{}
                        : Html::of("<p class=\"note\">"_html, lanes_.size() - drawn, " more of "_html, lanes_.size(),
                                   " processes ended earlier, are older ones of a slot, or have no room here.</p>\n"_html);
  return Html::of(head, html, foot, note, end);
}

}  // namespace

Html draw_timeline(DebugObject const& debug, PageContext const& context, std::size_t records, std::size_t room) {
  return Timeline{debug, context, records}.html(room);
}

}  // namespace forksafe
