// SPDX-License-Identifier: MIT
export module forksafe:view;

import :report;
import forksafe.audit;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

/// The values to show, whatever their type: every view is made from them, so that a new field appears in all views. Refers to
/// what was described, which must outlive it.
export namespace forksafe::described {

/// The severity of what a value says.
enum class Level : std::uint8_t { plain, warning, bad };

/// A value of an enumeration.
struct Word {
  std::string_view name{};
  Level level = Level::plain;
};

struct Value;
struct Field;
/// A struct, in the order of its description.
using Fields = std::vector<Field>;
/// Values that are not structs.
using List = std::vector<Value>;
/// Structs of one kind; there may be none.
struct Table {
  std::vector<std::string_view> columns;
  std::vector<std::vector<Value>> rows;
};

/// Nothing, where an optional holds none; else a truth, a number, a text, a time, a duration, a word, or several of them. Views
/// tell in few words of an event that was heard; describe() has its fields.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, std::string_view, WallTime, std::chrono::nanoseconds, Word,
               HeardEvent const*, List, Table, Fields>
      is;
};

struct Field {
  std::string_view name{};
  Value value{};
};

/// What tells the samples of a metric apart: the names of fields, in their order, and what they hold.
using Labels = std::map<std::string_view, std::string_view>;

}  // namespace forksafe::described

export namespace forksafe {

[[nodiscard]] described::Fields describe(Report const& report);
[[nodiscard]] described::Fields describe(DebugObject const& debug);
/// Returns the same as JSON has it: an executed hook is a pair, or has a third text where a subscriber failed on it.
[[nodiscard]] described::Fields published(DebugObject const& debug);
[[nodiscard]] described::Fields describe(DebugBasics const& basics);
[[nodiscard]] described::Fields describe(HeardEvent const& heard);
/// Returns what an event carries, by its number, beside the registry. Where it is late, only what all events carry.
[[nodiscard]] described::Fields describe(std::size_t event, EventContext const& context);

/// Returns the texts and words among the fields; nothing is an empty text. Numbers, times and what has parts are no labels.
[[nodiscard]] described::Labels labels_of(described::Fields const& fields);
/// Returns what tells the sums over several of them apart: all texts of an event that was heard, and of a process only what is
/// known of it as long as the server lives.
[[nodiscard]] described::Labels labels_of(HeardEvent const& heard);
[[nodiscard]] described::Labels labels_of(ProcessRow const& process);
[[nodiscard]] described::Labels labels_of(DepartedRow const& departed);
[[nodiscard]] described::Labels labels_of(FindingRow const& finding);
[[nodiscard]] described::Labels labels_of(DebugObject const& debug);

[[nodiscard]] described::Level level_of(Outcome outcome) noexcept;
[[nodiscard]] described::Level level_of(IncidentKind kind) noexcept;
[[nodiscard]] described::Level level_of(Severity severity) noexcept;

/// Returns the report as one line of JSON; `autoconfigure_log` has the key `autoconfigure.log`.
[[nodiscard]] std::string to_json(Report const& report);
[[nodiscard]] std::string to_json(DebugObject const& debug);
[[nodiscard]] std::string to_json(described::Fields const& fields);

/// Returns the report as aligned plain text for a terminal or a log.
[[nodiscard]] std::string to_text(Report const& report);
[[nodiscard]] std::string to_text(DebugObject const& debug);
[[nodiscard]] std::string to_text(described::Fields const& fields);

/// Returns the labels as OpenMetrics has them, braces included; an empty text where there are none.
[[nodiscard]] std::string to_labels(described::Labels const& labels);

/// Returns one value as people read it, in UTF-8 and without any escapes.
[[nodiscard]] std::string to_text(described::Value const& value);
/// Returns ISO 8601 in UTC, with microseconds and four digits of the year, whatever shared memory says.
[[nodiscard]] std::string to_text(WallTime time);

/// Returns the text with U+FFFD in the place of each byte that is not UTF-8: a name that was cut off, a setting in Latin-1.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace forksafe
