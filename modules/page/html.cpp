// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

bool continues_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// Returns one character, as it may stand in the document.
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

bool is_plain(char byte) noexcept {
  return byte >= 0x20 && byte < 0x7f && byte != '&' && byte != '<' && byte != '>' && byte != '"' && byte != '\'';
}

}  // namespace

void Html::add(std::uint64_t number) { document_ += std::to_string(number); }
void Html::add(int number) { document_ += std::to_string(number); }

void Html::add_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit && std::ranges::all_of(text, is_plain)) {
    document_ += text;
    return;
  }
  // A character that this cuts through lies beyond the limit.
  std::string const valid = as_utf8(text.substr(0, limit + 4));
  std::size_t const begin = document_.size();
  for (std::size_t at = 0; at != valid.size();) {
    std::size_t end = at + 1;
    while (end != valid.size() && continues_character(valid[end])) ++end;
    std::string_view const piece = harmless(std::string_view{valid}.substr(at, end - at));
    if (document_.size() - begin + piece.size() > limit) {
      document_ += "…";
      return;
    }
    document_ += piece;
    at = end;
  }
}

}  // namespace forksafe
