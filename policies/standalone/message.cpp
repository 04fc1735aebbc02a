// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe.standalone.binding;

namespace forksafe::standalone {
namespace {

using Header = std::pair<std::string, std::string>;

constexpr std::size_t longest_header = 32'768;

bool is_token(char character) noexcept {
  bool const letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
  bool const digit = character >= '0' && character <= '9';
  return letter || digit || std::string_view{"!#$%&'*+-.^_`|~"}.find(character) != std::string_view::npos;
}

/// A line end or a NUL in a header would start another header, or another message.
bool is_well_formed(Header const& header) noexcept {
  auto const& [name, value] = header;
  return !name.empty() && name.size() + value.size() <= longest_header && std::ranges::all_of(name, is_token) &&
         std::ranges::none_of(value, [](char character) {
           auto const code = static_cast<unsigned char>(character);
           return (code < 0x20 && code != '\t') || code == 0x7f;
         });
}

bool frames_message(Header const& header) noexcept {
  constexpr std::array<std::string_view, 4> framing{"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive"};
  return std::ranges::any_of(framing, [&](std::string_view name) { return same_header(header.first, name); });
}

/// The part of a target that names a place on this server.
std::string_view origin_of(std::string_view target) noexcept {
  if (!target.starts_with("http://") && !target.starts_with("https://")) return target;
  auto const slash = target.find('/', target.find("//") + 2);
  return slash == target.npos ? "/" : target.substr(slash);
}

}  // namespace

ParsedRequest::ParsedRequest(std::string_view method, std::string_view target, std::string_view body,
                             std::string_view peer) noexcept
    : method_(method), target_(target), origin_(origin_of(target)), body_(body), peer_(peer) {}

void ParsedRequest::add(HeaderView header) { headers_.push_back(header); }

std::span<HeaderView const> ParsedRequest::headers() { return headers_; }

std::string_view ParsedRequest::query() {
  auto const mark = origin_.find('?');
  return mark == origin_.npos ? std::string_view{} : origin_.substr(mark + 1);
}

std::string_view ParsedRequest::header(std::string_view name) {
  auto const found = std::ranges::find_if(headers_, [&](HeaderView const& one) { return same_header(one.name, name); });
  return found == headers_.end() ? std::string_view{} : found->value;
}

void make_sendable(Response& response) {
  bool const well_formed = std::ranges::all_of(response.headers, is_well_formed);
  if (!well_formed || response.status < 200 || response.status > 999) {
    log_line(well_formed ? "the request handler answered with a status that is none: use 200 to 999"
                         : "the request handler set a header that cannot be sent: use a token as its name, no control "
                           "characters in its value, and at most 32 KiB");
    response = {500, {{"Content-Type", "text/plain"}}, "Internal Server Error\n"};
  }
  std::erase_if(response.headers, frames_message);
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
