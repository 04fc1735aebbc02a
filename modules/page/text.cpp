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

constexpr std::size_t longest_text = 300;

bool continues_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

std::string shortened(std::string text) {
  if (text.size() <= longest_text) return text;
  std::size_t end = longest_text;
  while (continues_character(text[end])) --end;
  return text.substr(0, end) + "…";
}

std::int64_t number_at(std::string_view text, std::size_t place, std::size_t size) noexcept {
  std::int64_t number = 0;
  std::from_chars(text.data() + place, text.data() + place + size, number);
  return number;
}

/// 2026-11-24T09:12:33.123456Z
constexpr std::size_t time_size = 27;

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (char const character : shortened(as_utf8(text))) {
    switch (character) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: {
        auto const code = static_cast<unsigned char>(character);
        if (code < 0x20 || code == 0x7f) {
          result += code == '\n' || code == '\t' ? " " : "\uFFFD";
        } else {
          result += character;
        }
      }
    }
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
