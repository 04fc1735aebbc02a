// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <string_view>
module forksafe;

namespace forksafe {
namespace {

char folded(char character) noexcept {
  if (character == '_') return '-';
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

}  // namespace

bool same_header(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, folded, folded);
}

std::string_view reason_phrase(int status) noexcept {
  auto const known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  auto const phrase = boost::beast::http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

}  // namespace forksafe
