// SPDX-License-Identifier: MIT
export module forksafe:history;

import :report;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// The number of records that the debug object shows: a worker's start with its subscribers is a dozen.
inline constexpr std::size_t shown_records = 200;

/// The number of dead processes that it shows: more are added up.
inline constexpr std::size_t shown_dead = 64;
/// The number of incidents that it shows: the latest, after equal ones were put together.
inline constexpr std::size_t shown_incidents = 100;

/// The journal as the debug object shows it, read once; `words` are the container's own for its processes.
struct ServerProcesses {
  std::vector<ProcessRow> rows;
  std::vector<DepartedRow> departed;
};
[[nodiscard]] ServerProcesses server_processes(Journal const& journal, JournalReading const& read,
                                               std::span<ProcessKind const> words);
[[nodiscard]] std::optional<WallTime> last_failed_call(Journal const& journal);
[[nodiscard]] std::vector<IncidentRow> incident_rows(Journal const& journal, JournalReading const& read,
                                                     std::span<ProcessKind const> words);
[[nodiscard]] JournalView journal_view(JournalPage page, std::span<ProcessKind const> words);

}  // namespace forksafe
