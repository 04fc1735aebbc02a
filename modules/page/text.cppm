// SPDX-License-Identifier: MIT
export module forksafe.page:text;

import forksafe;
import forksafe.std;

namespace forksafe {

/// In UTC: `09:12:33.123456`.
[[nodiscard]] std::string format_clock(WallTime time);
/// `1.2 µs`, `350 ms`, `12 s`, `3 h`.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace forksafe
