// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe;

import forksafe.base;

namespace forksafe {
namespace {

using Header = std::pair<std::string, std::string>;

/// Some containers keep the size of a field in 16 bits, and all fields, with those that they add, in a buffer of 64 KiB that grows by
/// whole pages, or by a field, and so may refuse one when 8 KiB of it are still empty.
constexpr std::size_t longest_header = 32'768;
constexpr std::size_t longest_headers = 55 * 1024;
/// Fields about one connection or the framing of one message (RFC 9110, 7.6.1), which are the container's.
constexpr std::array<std::string_view, 8> framing{"Connection", "Content-Length", "Keep-Alive",        "Proxy-Connection",
                                                  "TE",         "Trailer",        "Transfer-Encoding", "Upgrade"};

bool is_token(char character) noexcept {
  return base::is_letter(character) || base::is_digit(character) ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(character) != std::string_view::npos;
}

/// A line end or a NUL in a header would start another header, or another message.
bool is_well_formed(Header const& header) noexcept {
  auto const& [name, value] = header;
  return !name.empty() && name.size() + value.size() <= longest_header && std::ranges::all_of(name, is_token) &&
         std::ranges::none_of(value, base::is_control);
}

std::size_t size_of(std::vector<Header> const& headers) noexcept {
  std::size_t size = 0;
  for (auto const& [name, value] : headers) size += name.size() + value.size() + std::string_view{": \r\n"}.size();
  return size;
}

/// Returns why the answer cannot be sent, and the cure; empty if it can.
std::string_view find_fault(Response const& response) noexcept {
  if (!std::ranges::all_of(response.headers, is_well_formed))
    return "the request handler set a header that cannot be sent: use a token as its name, no control characters in its "
           "value, and at most 32 KiB";
  if (size_of(response.headers) > longest_headers)
    return "the request handler set more headers than every container can send: their sum is limited to 55 KiB";
  if (response.status < 200 || response.status > 999)
    return "the request handler answered with a status that is none: use 200 to 999";
  return {};
}

bool frames_message(Header const& header) noexcept {
  return std::ranges::any_of(framing, [&](std::string_view name) { return same_header(header.first, name); });
}

}  // namespace

Response Response::plain(int status, std::string_view text) {
  return {status, {{"Content-Type", "text/plain"}}, std::string{text}};
}

Response Response::internal_error() { return plain(500, "Internal Server Error\n"); }

void make_sendable(Response& response) {
  if (std::string_view const fault = find_fault(response); !fault.empty()) {
    log_line(fault);
    response = Response::internal_error();
  }
  std::erase_if(response.headers, frames_message);
}

Content sendable_content(Response const& response, bool only_head) noexcept {
  if (response.status < 200 || response.status == 204 || response.status == 304) return {};
  return {response.body.size(), only_head ? std::string_view{} : std::string_view{response.body}};
}

std::string_view reason_phrase(int status) noexcept {
  auto const known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  auto const phrase = boost::beast::http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

}  // namespace forksafe
