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

namespace forksafe {
namespace {

using Header = std::pair<std::string, std::string>;

/// Some containers keep the size of a field in 16 bits.
constexpr std::size_t longest_header = 32'768;
/// They are all about one connection or the framing of one message (RFC 9110, 7.6.1), and so the container's.
constexpr std::array<std::string_view, 8> framing{"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection",
                                                  "TE", "Trailer", "Transfer-Encoding", "Upgrade"};

char ascii_lower(char character) noexcept {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

char folded(char character) noexcept { return character == '_' ? '-' : ascii_lower(character); }

bool is_token(char character) noexcept {
  char const letter = ascii_lower(character);
  bool const plain = (letter >= 'a' && letter <= 'z') || (character >= '0' && character <= '9');
  return plain || std::string_view{"!#$%&'*+-.^_`|~"}.find(character) != std::string_view::npos;
}

bool is_control(char character) noexcept {
  auto const code = static_cast<unsigned char>(character);
  return (code < 0x20 && code != '\t') || code == 0x7f;
}

/// A line end or a NUL in a header would start another header, or another message.
bool is_well_formed(Header const& header) noexcept {
  auto const& [name, value] = header;
  return !name.empty() && name.size() + value.size() <= longest_header && std::ranges::all_of(name, is_token) &&
         std::ranges::none_of(value, is_control);
}

bool frames_message(Header const& header) noexcept {
  return std::ranges::any_of(framing, [&](std::string_view name) { return same_header(header.first, name); });
}

/// Where the authority of `http://host/path` begins; 0 for a target of another form.
std::size_t authority_begin(std::string_view target) noexcept {
  for (std::string_view const scheme : {"http://", "https://"})
    if (same_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  return 0;
}

}  // namespace

bool same_header(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, folded, folded);
}

bool same_ignoring_case(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, ascii_lower, ascii_lower);
}

Target target_of(std::string_view target) noexcept {
  Target parts{};
  if (std::size_t const begin = authority_begin(target); begin != 0) {
    target.remove_prefix(begin);
    parts.authority = target.substr(0, target.find_first_of("/?#"));
    target.remove_prefix(parts.authority.size());
    if (!target.starts_with('/')) parts.path = "/";
  }
  auto const mark = std::min(target.find('?'), target.size());
  if (parts.path.empty()) parts.path = target.substr(0, mark);
  if (mark != target.size()) parts.query = target.substr(mark + 1);
  return parts;
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

std::string_view reason_phrase(int status) noexcept {
  auto const known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  auto const phrase = boost::beast::http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

}  // namespace forksafe
