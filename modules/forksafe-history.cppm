// SPDX-License-Identifier: MIT
module;
#include <cstddef>
#include <vector>
export module forksafe:history;

import :hana;
import forksafe.journal;

namespace forksafe {

/// How many records the debug object shows: a worker's start with its subscribers is a dozen.
inline constexpr std::size_t shown_records = 200;

/// The journal as the debug object shows it.
[[nodiscard]] std::vector<ProcessRow> process_rows(Journal const& journal);
[[nodiscard]] std::vector<DepartedRow> departed_rows(Journal const& journal);
[[nodiscard]] std::vector<IncidentRow> incident_rows(Journal const& journal);
[[nodiscard]] JournalView journal_view(Journal const& journal);

}  // namespace forksafe
