// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <charconv>
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

std::int64_t number_at(std::string_view text, std::size_t place, std::size_t size) noexcept {
  std::int64_t number = 0;
  std::from_chars(text.data() + place, text.data() + place + size, number);
  return number;
}

/// 2026-11-24T09:12:33.123456Z
constexpr std::size_t time_size = 27;

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

std::int64_t microseconds_of(std::string_view time) {
  if (time.size() != time_size) return 0;
  using namespace std::chrono;
  sys_days const day = year{static_cast<int>(number_at(time, 0, 4))} / static_cast<int>(number_at(time, 5, 2)) /
                       static_cast<int>(number_at(time, 8, 2));
  auto const clock = hours{number_at(time, 11, 2)} + minutes{number_at(time, 14, 2)} + seconds{number_at(time, 17, 2)} +
                     microseconds{number_at(time, 20, 6)};
  return duration_cast<microseconds>(day.time_since_epoch() + clock).count();
}

std::string clock_of(std::string_view time) {
  return std::string{time.size() == time_size ? time.substr(11, 15) : time};
}

std::string duration_of(double seconds) {
  struct Unit {
    double size;
    char const* name;
  };
  constexpr std::array<Unit, 7> units{
      {{86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}};
  auto const fits = [seconds](Unit const& one) { return seconds >= one.size; };
  Unit const& unit = *std::min(std::ranges::find_if(units, fits), units.end() - 1);
  double const number = seconds / unit.size;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), unit.size < 1 && number < 100 ? "%.1f %s" : "%.0f %s", number, unit.name);
  return text.data();
}

}  // namespace forksafe
