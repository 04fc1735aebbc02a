// SPDX-License-Identifier: MIT
module;
#include <sys/uio.h>
#include <unistd.h>
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Returns the text on one line, without what a terminal would obey; as it is, where it is so already. Otherwise `space` holds
/// the result, with each character at its place, and cuts off what does not fit.
std::string_view on_one_line(std::string_view text, std::span<char> space) noexcept {
  if (std::ranges::none_of(text, base::is_control)) return text;
  text = text.substr(0, space.size());
  std::ranges::transform(text, space.begin(), [](char character) {
    return !base::is_control(character) ? character : character == '\n' || character == '\r' ? ' ' : '?';
  });
  return {space.data(), text.size()};
}

}  // namespace

void log_line(std::string_view text) noexcept {
  constexpr std::string_view prefix = "forksafe: ";
  // An exception of a library often holds the address that it was given, with the password in it. A line with more secrets than
  // this is hidden from the last of them on.
  constexpr std::size_t most_secrets = 30;
  auto const part = [](std::string_view piece) { return iovec{const_cast<char*>(piece.data()), piece.size()}; };
  iovec parts[2 * most_secrets + 3] = {part(prefix)};
  int count = 1;
  std::size_t place = 0;
  // A client chooses part of what an exception says: another line would be one that it has forged.
  char space[4096];
  std::string_view const shown = on_one_line(text, space);
  text = text.substr(0, shown.size());
  SecretFinder secrets{text};
  for (std::size_t number = 1; number <= most_secrets; ++number) {
    Passage const secret = secrets.next();
    if (!secret.exists()) break;
    parts[count++] = part(shown.substr(place, secret.begin - place));
    parts[count++] = part(hidden);
    place = number == most_secrets ? text.size() : secret.end;
  }
  parts[count++] = part(shown.substr(place));
  parts[count++] = part("\n");
  static_cast<void>(::writev(STDERR_FILENO, parts, count));
}

std::string_view signal_safe_text(std::span<char> buffer, std::initializer_list<std::string_view> texts,
                                  std::uint64_t number) noexcept {
  char* next = buffer.data();
  char* const end = next + buffer.size();
  for (std::string_view const text : texts)
    next = std::copy_n(text.data(), std::min(text.size(), static_cast<std::size_t>(end - next)), next);
  auto const [last, error] = std::to_chars(next, end, number);
  return {buffer.data(), static_cast<std::size_t>(last - buffer.data())};
}

}  // namespace forksafe
