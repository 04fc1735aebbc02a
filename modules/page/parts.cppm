// SPDX-License-Identifier: MIT
export module forksafe.page:parts;

import :html;
import :view;
import forksafe;
import forksafe.std;

namespace forksafe {

/// `content` is the document's body, which its script asks for.
enum class PageForm : std::uint8_t { html, content, json, metrics };

/// The first value of a parameter of a query, not decoded.
[[nodiscard]] std::string_view parameter(std::string_view query, std::string_view name) noexcept;
/// Whether it is there, with a value or without.
[[nodiscard]] bool has_parameter(std::string_view query, std::string_view name) noexcept;
/// What `?format=` says, else what the client likes best of what there is; nothing for a format that there is not.
[[nodiscard]] std::optional<PageForm> form_of(std::string_view format, std::string_view accept) noexcept;

/// A span of the timeline: as far as the server is old.
inline constexpr std::chrono::seconds whole_life{std::chrono::seconds::max()};

/// The files of this folder, as they are.
[[nodiscard]] Markup page_template() noexcept;
[[nodiscard]] Markup style_markup() noexcept;
[[nodiscard]] Markup page_script() noexcept;

[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);

/// In UTC: `09:12:33.123456`.
[[nodiscard]] std::string clock_of(WallTime time);
/// `1.2 µs`, `350 ms`, `12 s`, `3 h`.
[[nodiscard]] std::string duration_of(std::chrono::nanoseconds duration);

enum class State : std::uint8_t { ready, starting, alive, left, died };
[[nodiscard]] std::string_view name_of(State state) noexcept;
[[nodiscard]] State state_of(ProcessRow const& process, DebugObject const& debug);
/// Those who serve: everybody but the master and whoever is not known.
[[nodiscard]] bool serves(ProcessRow const& process) noexcept;
/// Whether one of them took the other's place.
[[nodiscard]] bool share_slot(ProcessRow const& one, ProcessRow const& other) noexcept;
/// `worker 2`, and `worker 2 #3` for the third process of its slot.
[[nodiscard]] std::string title_of(ProcessRow const& process);
/// The title of the process that the debug object is of; empty if it is not in the table.
[[nodiscard]] std::string answering_of(DebugObject const& debug, PageContext const& context);
/// The master first, then by role, slot and age.
[[nodiscard]] std::vector<ProcessRow const*> in_order(DebugObject const& debug);
/// The places of the debug object's processes: whoever is no worker or answers, whoever is not well, and all others.
[[nodiscard]] std::vector<std::size_t> by_trouble(DebugObject const& debug, PageContext const& context);
/// The places of a table's rows, the first of which are shown where there is no room for all.
[[nodiscard]] std::vector<std::size_t> order_of_rows(std::string_view table, std::size_t rows, DebugObject const& debug,
                                                     PageContext const& context);
/// The number that a record keeps while others come: its anchor.
[[nodiscard]] std::uint64_t number_of(JournalView const& journal, std::size_t record) noexcept;

/// How far back the timeline reaches, and into how many parts its axis is divided.
struct Span {
  std::chrono::seconds length{};
  int parts = 1;
};
/// The least that holds what is wanted (see PageContext), of a server of this age.
[[nodiscard]] Span span_for(std::chrono::seconds wanted, std::chrono::seconds age);
[[nodiscard]] Html axis_of(Span span);
[[nodiscard]] Html choices_of(std::chrono::seconds wanted);
/// As SVG writes it.
[[nodiscard]] std::string percent(double place);

/// Of several calls in one mark the worst gives the shape: from good to bad; what is no outcome is worst.
[[nodiscard]] int gravity_of(Outcome outcome) noexcept;
[[nodiscard]] Markup mark_shapes() noexcept;
/// Of the outcomes that are there.
[[nodiscard]] Html legend_of(JournalView const& journal);

/// How many bytes something would fill, and how much it matters.
struct Need {
  std::size_t size = 0;
  std::size_t weight = 1;
};
/// Divides what there is by weight; what one does not need is for the others.
[[nodiscard]] std::vector<std::size_t> shares_of(std::vector<Need> const& needs, std::size_t total);

/// Parts of the document.
struct Summary {
  std::string title;
  Html html;
};
[[nodiscard]] Summary summary_of(DebugObject const& debug, PageContext const& context);
/// With the latest `records`, in so many bytes; no fewer than it needs without a lane.
[[nodiscard]] Html timeline_of(DebugObject const& debug, PageContext const& context, std::size_t records, std::size_t room);
struct Tables {
  Html html;
  /// How many of the journal's records are among the rows.
  std::size_t records = 0;
};
/// In so many bytes; no fewer than they need without a row.
[[nodiscard]] Tables tables_of(described::Fields const& fields, DebugObject const& debug,
                               PageContext const& context, std::size_t room);

}  // namespace forksafe
