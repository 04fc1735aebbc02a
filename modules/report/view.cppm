// SPDX-License-Identifier: MIT
module;
#include <string>
#include <string_view>
#include <vector>
export module forksafe:view;

import :report;

export namespace forksafe {

/// The report as one line of JSON; `autoconfigure_log` has the key `autoconfigure.log`.
[[nodiscard]] std::string to_json(Report const& report);
[[nodiscard]] std::string to_json(DebugObject const& debug);

/// The report as aligned plain text for a terminal or a log.
[[nodiscard]] std::string to_text(Report const& report);
[[nodiscard]] std::string to_text(DebugObject const& debug);

/// One field of a described struct, ready to be shown, whatever its type: from these every view for people is made, so
/// that a new field appears in all of them. A table has columns; what has none has one row of one cell.
struct ViewField {
  /// As in the JSON form; a field of a nested struct is `journal.records`.
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// The fields in the order of their description. Every text is UTF-8, and escaped for nothing.
[[nodiscard]] std::vector<ViewField> fields_of(DebugObject const& debug);

/// The text with U+FFFD in the place of each byte that is not UTF-8: a name that was cut off, a setting in Latin-1.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace forksafe
