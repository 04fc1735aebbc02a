// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <ctime>
module forksafe.standalone.binding;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe::standalone {
namespace {

/// Whether the character may stand in a host and its port (RFC 3986, 3.2.2). Any other one makes the header mean different
/// things to different readers.
bool is_of_host(char character) noexcept {
  return base::is_letter(character) || base::is_digit(character) ||
         std::string_view{"-._~!$&'()*+,;=%:[]"}.find(character) != std::string_view::npos;
}

}  // namespace

unsigned fault_of_framing(std::span<HeaderView const> headers, unsigned minor) noexcept {
  constexpr unsigned bad_request = 400;
  int hosts = 0, lengths = 0, codings = 0;
  for (auto const& [name, value] : headers) {
    if (same_ignoring_case(name, "Host")) {
      ++hosts;
      if (!std::ranges::all_of(value, is_of_host)) return bad_request;
    } else if (same_ignoring_case(name, "Content-Length")) {
      ++lengths;
      if (value.empty() || !std::ranges::all_of(value, base::is_digit)) return bad_request;
    } else if (same_ignoring_case(name, "Transfer-Encoding")) {
      ++codings;
      if (!same_ignoring_case(value, "chunked")) return bad_request;
    }
  }
  if (hosts > 1 || (hosts == 0 && minor != 0)) return bad_request;
  // RFC 9112, 6.1 and 6.3: the proxy that forwarded such a message may have seen its end elsewhere.
  if (lengths + codings > 1 || (codings != 0 && minor == 0)) return bad_request;
  return 0;
}

std::string http_date(std::time_t time) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char date[64];
  char const* const day = days.at(static_cast<std::size_t>(parts.tm_wday));
  char const* const month = months.at(static_cast<std::size_t>(parts.tm_mon));
  std::snprintf(date, sizeof date, "%s, %02d %s %d %02d:%02d:%02d GMT", day, parts.tm_mday, month, parts.tm_year + 1900,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
  return date;
}

}  // namespace forksafe::standalone
