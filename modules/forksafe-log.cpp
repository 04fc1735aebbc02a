// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <sys/uio.h>
#include <unistd.h>
module forksafe;

namespace forksafe {

void log_line(std::string_view text) noexcept {
  constexpr std::string_view prefix = "forksafe: ";
  auto const part = [](std::string_view piece) { return iovec{const_cast<char*>(piece.data()), piece.size()}; };
  iovec const parts[] = {part(prefix), part(text), part("\n")};
  static_cast<void>(::writev(STDERR_FILENO, parts, 3));
}

std::string_view signal_safe_text(std::span<char> buffer, std::initializer_list<std::string_view> texts,
                                  std::uint64_t number) noexcept {
  char* next = buffer.data();
  char* const end = next + buffer.size();
  for (std::string_view const text : texts)
    next = std::copy_n(text.data(), std::min<std::size_t>(text.size(), end - next), next);
  auto const [last, error] = std::to_chars(next, end, number);
  return {buffer.data(), static_cast<std::size_t>(last - buffer.data())};
}

}  // namespace forksafe
