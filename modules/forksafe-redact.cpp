// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
module forksafe;

namespace forksafe {
namespace {

/// `word` is in lower case.
bool is_secret_word(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 6> parts{"passw", "passphrase", "secret", "token", "credential", "signature"};
  constexpr std::array<std::string_view, 7> ends{"key", "keys", "dsn", "pass", "pwd", "salt", "jwt"};
  return std::ranges::any_of(parts, [word](auto part) { return word.find(part) != word.npos; }) ||
         std::ranges::any_of(ends, [word](auto end) { return word.ends_with(end); });
}

/// Where the host starts in what follows "//"; 0 if no credentials come first.
std::size_t credentials_length(std::string_view text) noexcept {
  text = text.substr(0, text.find_first_of(" \t\r\n"));
  text = text.substr(0, text.find("://"));
  auto const authority = text.substr(0, text.find_first_of("/?#"));
  auto at = authority.rfind('@');
  auto const colon = authority.find(':');
  bool const plain_host = colon == text.npos || authority.find_first_not_of("0123456789", colon + 1) == text.npos;
  // Database drivers take a password with '/', '?' or '#' in it, where the authority seems to end.
  if (at == text.npos && !plain_host) at = text.rfind('@');
  return at == text.npos ? 0 : at;
}

std::string without_credentials(std::string_view text) {
  std::string result;
  for (auto slashes = text.find("//"); slashes != text.npos; slashes = text.find("//")) {
    result += text.substr(0, slashes + 2);
    text.remove_prefix(slashes + 2);
    auto const length = credentials_length(text);
    if (length != 0) result += "***";
    text.remove_prefix(length);
  }
  return result.append(text);
}

std::size_t parameter_length(std::string_view text) noexcept {
  if (!text.starts_with('\'') && !text.starts_with('"')) return std::min(text.find_first_of("& \t\r\n"), text.size());
  std::size_t place = 1;
  while (place < text.size() && text[place] != text.front()) place += text[place] == '\\' ? 2 : 1;
  return std::min(place + 1, text.size());
}

/// Covers URL queries and connection strings such as "host=db password='x y'".
std::string without_secret_parameters(std::string_view text) {
  std::string result;
  for (auto equals = text.find('='); equals != text.npos; equals = text.find('=')) {
    auto const name = trimmed(text.substr(0, equals));
    bool const secret = looks_secret(name.substr(name.find_last_of(" \t\r\n&;,?#") + 1));
    auto const value = std::min(text.find_first_not_of(" \t", equals + 1), text.size());
    result += text.substr(0, value);
    text.remove_prefix(value);
    if (!secret) continue;
    result += "***";
    text.remove_prefix(parameter_length(text));
  }
  return result.append(text);
}
}  // namespace

bool looks_secret(std::string_view key) {
  std::string word;
  char previous = 0;
  for (char const character : key) {
    bool const inner = is_letter(character) && !(lower(previous) == previous && lower(character) != character);
    if (!inner && is_secret_word(word)) return true;
    if (!inner) word.clear();
    if (is_letter(character)) word += lower(character);
    previous = character;
  }
  return is_secret_word(word);
}

std::string redacted(Setting const& setting) {
  return looks_secret(setting.key) ? "***" : without_secret_parameters(without_credentials(setting.value));
}

}  // namespace forksafe
