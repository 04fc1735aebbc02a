// SPDX-License-Identifier: MIT
export module forksafe.page:timeline;

import :html;
import :view;
import forksafe;
import forksafe.std;

namespace forksafe {

/// Draws the latest `records` in at most `room` bytes, or in the bytes that it needs without a lane, if these are more.
[[nodiscard]] Html draw_timeline(DebugObject const& debug, PageContext const& context, std::size_t records, std::size_t room);

}  // namespace forksafe
