// SPDX-License-Identifier: MIT
module forksafe.base;

import forksafe.std.operators;

namespace forksafe::base {

std::string_view trimmed(std::string_view text, std::string_view blanks) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

}  // namespace forksafe::base
