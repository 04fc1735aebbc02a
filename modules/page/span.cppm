// SPDX-License-Identifier: MIT
export module forksafe.page:span;

import :html;
import forksafe.std;

namespace forksafe {

/// A span of the timeline: as far as the server is old.
inline constexpr std::chrono::seconds whole_life{std::chrono::seconds::max()};

/// How far back the timeline reaches, and into how many parts its axis is divided.
struct Span {
  std::chrono::seconds length{};
  int parts = 1;
};
/// The least that holds what is wanted (see PageContext), of a server of this age.
[[nodiscard]] Span span_for(std::chrono::seconds wanted, std::chrono::seconds age);
[[nodiscard]] Html draw_axis(Span span);
[[nodiscard]] Html draw_choices(std::chrono::seconds wanted);
/// As SVG writes it.
[[nodiscard]] std::string percent(double place);

}  // namespace forksafe
