// SPDX-License-Identifier: MIT
module;
#include <sys/types.h>
export module forksafe.page:view;

import forksafe;
import forksafe.std;

export namespace forksafe {

/// The facts that a page shows beside the debug object.
struct PageContext {
  /// The application's name.
  std::string_view application{};
  /// The process that the debug object is of.
  pid_t process = 0;
  WallTime now{};
  /// How far back the timeline reaches. Zero: as far as the server is old, at most ten minutes.
  std::chrono::seconds span{};
  /// Whether the document is served by itself, so that links to its other forms lead somewhere.
  bool links = true;
  /// Whether all is shown, however much that is.
  bool all = false;
  /// What the address says and the page does not know; empty for nothing.
  std::string_view ignored{};
};

/// The document is never larger, unless all is asked for: what does not fit is counted in it. Processes that are not well come
/// first; of all else, the latest.
inline constexpr std::size_t page_limit = 60'000;
/// The JSON form is never larger, unless all is asked for or what is in no table does not fit.
inline constexpr std::size_t json_limit = 90'000;

/// Returns the whole document. Styles and script carry the nonce, so that a content security policy can refuse all others.
[[nodiscard]] std::string to_html(DebugObject const& debug, PageContext const& context, std::string_view nonce);

/// Returns the document's body without the script, for another document, which needs page_style() too. All rules of the style
/// are about `.forksafe`, the class of its one element. At most `limit` bytes, but no less than what is in no table.
[[nodiscard]] std::string to_html_content(DebugObject const& debug, PageContext const& context, std::size_t limit = page_limit);
[[nodiscard]] std::string_view page_style() noexcept;

/// Returns the debug object as to_json() has it, but for the rows that do not fit: `left_out` counts them, table by table.
[[nodiscard]] std::string to_brief_json(DebugObject const& debug, PageContext const& context, std::size_t limit = json_limit);

/// Returns OpenMetrics 1.0 text, as Prometheus reads it. What is one process's own has its role and slot as the
/// label `process`.
[[nodiscard]] std::string to_openmetrics(DebugObject const& debug, PageContext const& context);

}  // namespace forksafe
