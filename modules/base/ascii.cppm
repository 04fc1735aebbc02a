// SPDX-License-Identifier: MIT
export module forksafe.base:ascii;

// The kinds of ASCII characters, whatever the locale.
export namespace forksafe::base {

[[nodiscard]] constexpr bool is_digit(char character) noexcept { return character >= '0' && character <= '9'; }
[[nodiscard]] constexpr bool is_lower(char character) noexcept { return character >= 'a' && character <= 'z'; }
[[nodiscard]] constexpr bool is_upper(char character) noexcept { return character >= 'A' && character <= 'Z'; }
[[nodiscard]] constexpr bool is_letter(char character) noexcept { return is_lower(character) || is_upper(character); }

/// Whether it is a control character other than the tab.
[[nodiscard]] constexpr bool is_control(char character) noexcept {
  auto const code = static_cast<unsigned char>(character);
  return (code < 0x20 && code != '\t') || code == 0x7f;
}

[[nodiscard]] constexpr char lower(char character) noexcept {
  return is_upper(character) ? static_cast<char>(character - 'A' + 'a') : character;
}
[[nodiscard]] constexpr char upper(char character) noexcept {
  return is_lower(character) ? static_cast<char>(character - 'a' + 'A') : character;
}

}  // namespace forksafe::base
