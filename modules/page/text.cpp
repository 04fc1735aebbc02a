// SPDX-License-Identifier: MIT
module;
#include <cstdio>
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {

std::string format_clock(WallTime time) {
  using namespace std::chrono;
  auto const since_epoch = floor<microseconds>(std::max(time, WallTime{}).time_since_epoch());
  hh_mm_ss const clock{since_epoch - floor<days>(since_epoch)};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%06d", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string format_duration(std::chrono::nanoseconds duration) {
  struct Unit {
    double size;
    char const* name;
  };
  constexpr std::array<Unit, 7> units{
      {{86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}};
  double const seconds = std::chrono::duration<double>{duration}.count();
  auto const fits = [seconds](Unit const& one) { return seconds >= one.size; };
  Unit const& unit = *std::min(std::ranges::find_if(units, fits), units.end() - 1);
  double const number = seconds / unit.size;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), unit.size < 1 && number < 100 ? "%.1f %s" : "%.0f %s", number, unit.name);
  return text.data();
}

}  // namespace forksafe
