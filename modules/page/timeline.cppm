// SPDX-License-Identifier: MIT
export module forksafe.page:timeline;

import :html;
import :view;
import forksafe;
import forksafe.std;

namespace forksafe {

/// With the latest `records`, in so many bytes; no fewer than it needs without a lane.
[[nodiscard]] Html timeline_of(DebugObject const& debug, PageContext const& context, std::size_t records, std::size_t room);

}  // namespace forksafe
