// SPDX-License-Identifier: MIT
export module forksafe.page:processes;

import :view;
import forksafe;
import forksafe.std;

namespace forksafe {

enum class State : std::uint8_t { ready, starting, alive, left, died };
[[nodiscard]] std::string_view name_of(State state) noexcept;
[[nodiscard]] State derive_state(ProcessRow const& process, DebugObject const& debug);
/// Whether the process serves: all do but the master and processes of an unknown role.
[[nodiscard]] bool serves(ProcessRow const& process) noexcept;
/// Whether one of the processes has replaced the other.
[[nodiscard]] bool share_slot(ProcessRow const& one, ProcessRow const& other) noexcept;
/// `worker 2`, for all processes of its slot.
[[nodiscard]] std::string format_place(ProcessRow const& process);
/// `worker 2`, and `worker 2 #3` for the third process of its slot.
[[nodiscard]] std::string format_title(ProcessRow const& process);
/// The process that the debug object is of; null if it is not in the table.
[[nodiscard]] ProcessRow const* find_answering(DebugObject const& debug, PageContext const& context);
/// The master first, then by role, slot and age.
[[nodiscard]] std::vector<ProcessRow const*> in_order(DebugObject const& debug);
/// Returns the indices of the debug object's processes: those that are not workers and the one that answers, then those that
/// are not well, then all others.
[[nodiscard]] std::vector<std::size_t> by_trouble(DebugObject const& debug, PageContext const& context);
/// Returns the indices of a table's rows. The first of them are shown if there is no room for all.
[[nodiscard]] std::vector<std::size_t> order_of_rows(std::string_view table, std::size_t rows, DebugObject const& debug,
                                                     PageContext const& context);
/// The number that a record keeps while others come: its anchor.
[[nodiscard]] std::uint64_t record_number(JournalView const& journal, std::size_t record) noexcept;

}  // namespace forksafe
