// SPDX-License-Identifier: MIT
export module forksafe.policy:diagnostic;

import forksafe.std;

export namespace forksafe {

/// A string literal that can be a template argument.
template <std::size_t Size>
struct Text {
  char characters[Size]{};

  consteval Text(char const (&literal)[Size]) {
    for (std::size_t index = 0; index != Size; ++index) characters[index] = literal[index];
  }

  constexpr operator std::string_view() const { return {characters, Size - 1}; }
};

/// The last alternative of a constraint: always false, so that overload resolution goes on, yet the compiler prints the
/// sentence when it explains why the constraint failed. The sentence is the remedy.
consteval bool because(char const*) { return false; }

/// Returns the name of a type as the compiler spells it.
template <class Type>
consteval std::string_view type_name() {
  std::string_view const function = __PRETTY_FUNCTION__;
  std::size_t const begin = function.find("Type = ") + 7;
  std::size_t end = function.find(';', begin);
  if (end == std::string_view::npos) end = function.rfind(']');
  return function.substr(begin, end - begin);
}

}  // namespace forksafe
