// SPDX-License-Identifier: MIT
module;
#include <string>
export module forksafe:report;

import :hana;

export namespace forksafe {

/// The report as one line of JSON; `autoconfigure_log` has the key `autoconfigure.log`.
[[nodiscard]] std::string to_json(Report const& report);
[[nodiscard]] std::string to_json(DebugObject const& debug);

/// The report as aligned plain text for a terminal or a log.
[[nodiscard]] std::string to_text(Report const& report);
[[nodiscard]] std::string to_text(DebugObject const& debug);

}  // namespace forksafe
