// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

bool is_of_name(char character) noexcept {
  return base::is_letter(character) || base::is_digit(character) || character == '-' || character == '_' || character == '.';
}

bool is_of_address(char character) noexcept {
  char const letter = base::lower(character);
  return (letter >= 'a' && letter <= 'f') || base::is_digit(character) || character == ':' || character == '.';
}

bool is_port(std::string_view text) noexcept {
  return text.empty() || (text.starts_with(':') && text.size() <= 6 && std::ranges::all_of(text.substr(1), base::is_digit));
}

}  // namespace

std::optional<std::string_view> parse_host(std::string_view authority) {
  if (authority.starts_with('[')) {
    auto const end = std::min(authority.find(']'), authority.size() - 1);
    std::string_view const address = authority.substr(1, end - 1);
    bool const is_6 = address.find(':') != address.npos && std::ranges::all_of(address, is_of_address);
    if (authority[end] != ']' || !is_6 || !parse_network(address) || !is_port(authority.substr(end + 1))) return {};
    return address;
  }
  std::string_view const host = authority.substr(0, authority.find(':'));
  if (host.empty() || !std::ranges::all_of(host, is_of_name) || !is_port(authority.substr(host.size()))) return {};
  return host;
}

}  // namespace forksafe
