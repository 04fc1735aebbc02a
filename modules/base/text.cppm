// SPDX-License-Identifier: MIT
export module forksafe.base:text;

import forksafe.std;

export namespace forksafe::base {

/// A text, or a whole number, which is written in decimal digits.
template <class Type>
concept TextPart = std::convertible_to<Type const&, std::string_view> || (std::integral<Type> && sizeof(Type) > 1);

/// Joins all parts, one after the other.
template <TextPart... Parts>
[[nodiscard]] std::string concat(Parts const&... parts) {
  std::string text;
  auto const add = [&text](auto const& part) {
    if constexpr (requires { std::string_view{part}; }) {
      text += std::string_view{part};
    } else {
      text += std::to_string(part);
    }
  };
  (add(parts), ...);
  return text;
}

/// Returns the text without the blanks at its begin and end.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n") noexcept;

}  // namespace forksafe::base
