// SPDX-License-Identifier: MIT
export module forksafe.page:marks;

import :html;
import forksafe;
import forksafe.std;

namespace forksafe {

/// Returns the rank of an outcome, from good to bad; an invalid value ranks last. The worst of several calls in one mark gives
/// the shape.
[[nodiscard]] int gravity(Outcome outcome) noexcept;
[[nodiscard]] Markup mark_shapes() noexcept;
/// Explains the shapes of the outcomes that occur.
[[nodiscard]] Html draw_legend(JournalView const& journal);

}  // namespace forksafe
