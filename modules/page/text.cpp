// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
module forksafe.page;

namespace forksafe {
namespace {

bool continues_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// One character, as it may stand in the document.
std::string_view harmless(std::string_view character) noexcept {
  switch (character.front()) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\n':
    case '\t': return " ";
    default: break;
  }
  auto const code = static_cast<unsigned char>(character.front());
  return code < 0x20 || code == 0x7f ? "\uFFFD" : character;
}

}  // namespace

std::string escaped(std::string_view text, std::size_t limit) {
  // A character that this cuts through lies beyond the limit.
  std::string const valid = as_utf8(text.substr(0, limit + 4));
  std::string result;
  for (std::size_t at = 0; at != valid.size();) {
    std::size_t end = at + 1;
    while (end != valid.size() && continues_character(valid[end])) ++end;
    std::string_view const piece = harmless(std::string_view{valid}.substr(at, end - at));
    if (result.size() + piece.size() > limit) return result + "…";
    result += piece;
    at = end;
  }
  return result;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view const part : parts) text += part;
  return text;
}

std::string clock_of(WallTime time) {
  using namespace std::chrono;
  auto const since_epoch = floor<microseconds>(std::max(time, WallTime{}).time_since_epoch());
  hh_mm_ss const clock{since_epoch - floor<days>(since_epoch)};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%06d", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string duration_of(std::chrono::nanoseconds duration) {
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
