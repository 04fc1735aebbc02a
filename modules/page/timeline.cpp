// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe.page;

namespace forksafe {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// Marks that are nearer than this, in percent of the width, become one.
constexpr double nearest = 1.1;
constexpr std::size_t most_lanes_of_slot = 8;
constexpr std::size_t most_lines = 6;

struct Call {
  std::uint64_t number;
  std::int64_t time;
  JournalRow const* row;
};

struct Lane {
  ProcessRow const* process;
  State state;
  std::int64_t born;
  std::int64_t end;
  std::vector<Call> calls{};
};

/// From good to bad.
constexpr std::array outcomes{name_of(Outcome::heard), name_of(Outcome::running),     name_of(Outcome::outlasted),
                              name_of(Outcome::threw), name_of(Outcome::called_exit), name_of(Outcome::died_inside)};

/// Of several calls in one mark the worst gives the shape.
int gravity_of(std::string_view outcome) noexcept {
  return static_cast<int>(std::ranges::find(outcomes, outcome) - outcomes.begin());
}

/// What the marks look like, each with a shape of its own: colour alone says nothing to many.
constexpr std::string_view shapes =
    "<svg class=\"shapes\" aria-hidden=\"true\"><defs>"
    "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
    "<line class=\"hatch\" y2=\"6\"/></pattern>"
    "<circle id=\"k-heard\" r=\"4.5\"/><circle id=\"k-several\" r=\"8\"/><circle id=\"k-running\" r=\"4\"/>"
    "<path id=\"k-threw\" d=\"M-7 0 0-7 7 0 0 7Z\"/><path id=\"k-outlasted\" d=\"M-6-7H6L-6 7H6Z\"/>"
    "<rect id=\"k-called_exit\" x=\"-6\" y=\"-6\" width=\"12\" height=\"12\"/><path id=\"k-died_inside\" d=\"M0-8 8 6H-8Z\"/>"
    "<path id=\"k-died\" d=\"M-4-4 4 4M-4 4 4-4\"/><path id=\"k-left\" d=\"M0-6V6\"/></defs></svg>\n";

class Timeline {
 public:
  Timeline(DebugObject const& debug, PageContext const& context, std::size_t most);
  [[nodiscard]] std::string html() const;

 private:
  void add_calls(std::size_t most);
  void choose_span(seconds wanted);
  [[nodiscard]] double place_of(std::int64_t time) const noexcept;
  [[nodiscard]] std::string lane(Lane const& lane) const;
  [[nodiscard]] std::string life(Lane const& lane) const;
  [[nodiscard]] std::string marks(Lane const& lane) const;
  [[nodiscard]] std::string mark(Call const* first, Call const* last) const;
  [[nodiscard]] std::string legend() const;
  /// The lanes that reach into the span.
  [[nodiscard]] std::vector<Lane const*> shown() const;

  DebugObject const& debug_;
  PageContext const& context_;
  std::vector<Lane> lanes_{};
  std::int64_t now_;
  Span span_{};
};

Timeline::Timeline(DebugObject const& debug, PageContext const& context, std::size_t most)
    : debug_(debug),
      context_(context),
      now_(std::chrono::duration_cast<microseconds>(context.now.time_since_epoch()).count()) {
  for (ProcessRow const* const process : in_order(debug)) {
    std::int64_t const gone = microseconds_of(process->gone.value_or(""));
    std::int64_t const born = microseconds_of(process->born);
    lanes_.push_back({process, state_of(*process, debug), born, process->alive ? now_ : std::max(gone, born)});
  }
  add_calls(most);
  choose_span(context.span);
}

/// A record belongs to the latest process of its number that was there before it.
void Timeline::add_calls(std::size_t most) {
  std::vector<JournalRow> const& records = debug_.journal.records;
  for (std::size_t index = records.size() - std::min(most, records.size()); index != records.size(); ++index) {
    Call const call{number_of(debug_.journal, index), microseconds_of(records[index].time), &records[index]};
    Lane* owner = nullptr;
    for (Lane& lane : lanes_)
      if (lane.process->pid == call.row->pid && lane.born <= call.time && (owner == nullptr || owner->born < lane.born))
        owner = &lane;
    if (owner == nullptr) continue;
    owner->calls.push_back(call);
    // Whose end nobody told was there as long as it did something.
    owner->end = std::max(owner->end, std::min(call.time, now_));
  }
}

void Timeline::choose_span(seconds wanted) {
  std::int64_t begin = now_;
  for (Lane const& lane : lanes_) begin = std::min(begin, lane.born);
  auto const age = std::chrono::ceil<seconds>(microseconds{now_ - begin});
  span_ = span_for(wanted, age);
}

double Timeline::place_of(std::int64_t time) const noexcept {
  double const length = static_cast<double>(microseconds{span_.length}.count());
  return std::clamp(100.0 - static_cast<double>(now_ - time) / length * 100.0, 0.0, 100.0);
}

std::string text_of(JournalRow const& record) {
  std::string text = clock_of(record.time);
  text.append(" ").append(record.event.substr(record.event.starts_with("Application") ? 11 : 0)).append(" ");
  text += record.subscriber.empty() ? "nobody listened" : record.subscriber + ": " + std::string{record.outcome};
  if (record.nanoseconds) text += ", " + duration_of(static_cast<double>(*record.nanoseconds) / 1e9);
  return text;
}

std::string Timeline::mark(Call const* first, Call const* last) const {
  std::string_view worst = first->row->outcome;
  std::string title;
  for (Call const* call = first; call != last; ++call) {
    if (gravity_of(call->row->outcome) > gravity_of(worst)) worst = call->row->outcome;
    if (static_cast<std::size_t>(call - first) < most_lines)
      title += (title.empty() ? "" : "\n") + escaped(text_of(*call->row));
  }
  auto const count = static_cast<std::size_t>(last - first);
  if (count > most_lines) title += "\nand " + std::to_string(count - most_lines) + " more";
  std::string const number = std::to_string(first->number);
  std::string const x = percent(std::clamp(place_of(first->time), 0.7, 99.3));
  std::string const outcome = escaped(worst);
  std::string html = joined({"<a id=\"m", number, "\" href=\"#r", number, "\" tabindex=\"-1\" class=\"", outcome,
                             "\"><title>", title, "</title>"});
  if (count > 1 && worst == "heard") {
    html += joined({"<use href=\"#k-several\" x=\"", x, "\" y=\"13\"/><text x=\"", x, "\" y=\"16.5\">",
                    std::to_string(count), "</text>"});
  } else {
    html += joined({"<use href=\"#k-", outcome, "\" x=\"", x, "\" y=\"13\"/>"});
  }
  return html + "</a>";
}

std::string Timeline::marks(Lane const& lane) const {
  std::string html;
  std::int64_t const begin = now_ - microseconds{span_.length}.count();
  auto const* first = lane.calls.data();
  auto const* const end = first + lane.calls.size();
  while (first != end && first->time < begin) ++first;
  for (auto const* call = first; call != end; ++call) {
    double const width =
        static_cast<double>(call->row->nanoseconds.value_or(0)) / 1e9 / static_cast<double>(span_.length.count()) * 100;
    if (width > 0.3)
      html += joined({"<rect class=\"call\" x=\"", percent(place_of(call->time)), "\" y=\"9\" width=\"", percent(width),
                      "\" height=\"8\"/>"});
  }
  while (first != end) {
    auto const* last = first + 1;
    while (last != end && place_of(last->time) - place_of(first->time) < nearest) ++last;
    html += mark(first, last);
    first = last;
  }
  return html;
}

std::string Timeline::life(Lane const& lane) const {
  double const from = place_of(lane.born), to = place_of(lane.end);
  std::string html = joined({"<rect class=\"life\" x=\"", percent(from), "\" y=\"8\" width=\"",
                             percent(std::max(to - from, 0.4)), "\" height=\"10\" rx=\"3\"/>"});
  if (!lane.process->alive)
    html += joined({"<use class=\"end\" href=\"#k-", name_of(lane.state), "\" x=\"", percent(to), "\" y=\"13\"/>"});
  return html;
}

std::string Timeline::lane(Lane const& lane) const {
  ProcessRow const& process = *lane.process;
  std::string const title = escaped(title_of(process)), pid = std::to_string(process.pid);
  std::string_view const state = name_of(lane.state);
  std::string const id = joined({"p", pid, "-", std::to_string(lane.born % 1'000'000)});
  std::string const label = joined({title, ", pid ", pid, ", ", state, ", since ", escaped(clock_of(process.born)),
                                    ", ", std::to_string(lane.calls.size()), " calls"});
  std::string const end = process.alive ? "" : joined({" ", state});
  return joined({"<div class=\"lane ", state, "\" id=\"", id, "\" role=\"group\" tabindex=\"0\" aria-label=\"", label,
                 "\"><span class=\"who\"><b>", title, "</b> <small>", pid, end, "</small></span><svg class=\"track\">",
                 life(lane), marks(lane), "</svg></div>\n"});
}

std::vector<Lane const*> Timeline::shown() const {
  std::int64_t const begin = now_ - microseconds{span_.length}.count();
  std::vector<Lane const*> shown;
  std::size_t of_slot = 0;
  // From the youngest of each slot to its oldest.
  for (auto lane = lanes_.rbegin(); lane != lanes_.rend(); ++lane) {
    bool const same = lane != lanes_.rbegin() && share_slot(*lane->process, *std::prev(lane)->process);
    of_slot = same ? of_slot + 1 : 0;
    if (lane->end >= begin && of_slot < most_lanes_of_slot) shown.push_back(&*lane);
  }
  std::ranges::reverse(shown);
  return shown;
}

/// Of the outcomes that are there.
std::string Timeline::legend() const {
  std::string html = "<ul class=\"legend\" aria-label=\"Outcomes of calls\">";
  for (std::string_view const outcome : outcomes) {
    auto const ended_so = [outcome](Call const& call) { return call.row->outcome == outcome; };
    if (outcome != "heard" &&
        std::ranges::none_of(lanes_, [&](Lane const& lane) { return std::ranges::any_of(lane.calls, ended_so); }))
      continue;
    std::string words{outcome};
    std::ranges::replace(words, '_', ' ');
    html += joined({"<li><svg viewBox=\"-8 -8 16 16\" class=\"", outcome, "\"><use href=\"#k-", outcome, "\"/></svg> ",
                    words, "</li>"});
  }
  return html + "<li>a number: so many calls</li><li>hatched: the process is dead</li></ul>\n";
}

std::string Timeline::html() const {
  std::vector<Lane const*> const lanes = shown();
  std::string html =
      joined({"<section id=\"timeline\" data-live>\n<h2>Timeline</h2>", context_.links ? choices_of(context_.span) : "",
              "\n", shapes, "<div class=\"lanes by", std::to_string(span_.parts), "\">\n"});
  for (Lane const* const one : lanes) html += lane(*one);
  html += axis_of(span_) + "</div>\n" + legend();
  if (lanes.size() < lanes_.size())
    html += joined({"<p class=\"note\">", std::to_string(lanes_.size() - lanes.size()), " more of ",
                    std::to_string(lanes_.size()), " processes ended earlier, or are older ones of a slot.</p>\n"});
  return html + "</section>\n";
}

}  // namespace

std::string timeline_of(DebugObject const& debug, PageContext const& context, std::size_t most) {
  return Timeline{debug, context, most}.html();
}

}  // namespace forksafe
