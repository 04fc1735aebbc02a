// SPDX-License-Identifier: MIT
export module forksafe:log;

import forksafe.std;

export namespace forksafe {

/// Writes one line to stderr, where every container keeps its log, in a single write, as redacted_text shows it. Never
/// throws, takes no lock, callable in a signal handler.
void log_line(std::string_view text) noexcept;

}  // namespace forksafe

namespace forksafe {

/// Joins texts and a number in `buffer`, cut off where it is full. Callable in a signal handler.
std::string_view signal_safe_text(std::span<char> buffer, std::initializer_list<std::string_view> texts,
                                  std::uint64_t number) noexcept;

}  // namespace forksafe
