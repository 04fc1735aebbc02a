// SPDX-License-Identifier: MIT
export module forksafe.page:marks;

import :html;
import forksafe;
import forksafe.std;

namespace forksafe {

/// Of several calls in one mark the worst gives the shape: from good to bad; what is no outcome is worst.
[[nodiscard]] int gravity_of(Outcome outcome) noexcept;
[[nodiscard]] Markup mark_shapes() noexcept;
/// Of the outcomes that are there.
[[nodiscard]] Html legend_of(JournalView const& journal);

}  // namespace forksafe
