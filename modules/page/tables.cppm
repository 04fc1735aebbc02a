// SPDX-License-Identifier: MIT
export module forksafe.page:tables;

import :html;
import :view;
import forksafe;
import forksafe.std;

namespace forksafe {

struct Tables {
  Html html;
  /// How many of the journal's records are among the rows.
  std::size_t records = 0;
};
/// In so many bytes; no fewer than they need without a row.
[[nodiscard]] Tables draw_tables(described::Fields const& fields, DebugObject const& debug, PageContext const& context,
                                 std::size_t room);

}  // namespace forksafe
