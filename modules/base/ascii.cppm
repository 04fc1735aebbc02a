// SPDX-License-Identifier: MIT
export module forksafe.base:ascii;

// The letters and digits of ASCII, whatever the locale.
export namespace forksafe::base {

[[nodiscard]] constexpr bool is_digit(char character) noexcept { return character >= '0' && character <= '9'; }
[[nodiscard]] constexpr bool is_lower(char character) noexcept { return character >= 'a' && character <= 'z'; }
[[nodiscard]] constexpr bool is_upper(char character) noexcept { return character >= 'A' && character <= 'Z'; }
[[nodiscard]] constexpr bool is_letter(char character) noexcept { return is_lower(character) || is_upper(character); }

[[nodiscard]] constexpr char lower(char character) noexcept {
  return is_upper(character) ? static_cast<char>(character - 'A' + 'a') : character;
}
[[nodiscard]] constexpr char upper(char character) noexcept {
  return is_lower(character) ? static_cast<char>(character - 'a' + 'A') : character;
}

}  // namespace forksafe::base
