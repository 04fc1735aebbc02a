// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr std::size_t longest_compared = 64;

/// Returns how many characters must be added, left out or replaced to make one key of the other, whatever their spelling.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t column = 0; column != row.size(); ++column) row[column] = column;
  for (std::size_t line = 0; line != one.size(); ++line) {
    auto diagonal = std::exchange(row[0], line + 1);
    for (std::size_t column = 0; column != other.size(); ++column) {
      bool const same = folded_key(one[line]) == folded_key(other[column]);
      auto const replaced = diagonal + (same ? 0 : 1);
      diagonal = row[column + 1];
      row[column + 1] = std::min({replaced, diagonal + 1, row[column] + 1});
    }
  }
  return row.back();
}

/// Returns the part of a key that names its owner: "page" of "page.path".
std::string_view owner_of(std::string_view key) noexcept { return key.substr(0, key.find_first_of("._-")); }

bool same_spelling(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, folded_key, folded_key);
}

}  // namespace

void Settings::expect(std::string_view key) {
  if (std::ranges::find(expected_, key) == expected_.end()) expected_.emplace_back(key);
}

std::vector<std::string> Settings::unread() const {
  std::vector<std::string> lines;
  if (expected_.empty()) return lines;
  for (Setting const& setting : settings_) {
    auto const owner = owner_of(setting.key);
    std::string all;
    std::string_view nearest;
    auto least = std::string_view::npos;
    bool known = setting.key.size() > longest_compared;
    for (std::string const& key : expected_) {
      known = known || same_spelling(key, setting.key);
      if (known) break;
      if (!same_spelling(owner_of(key), owner)) continue;
      all += (all.empty() ? "" : ", ") + key;
      if (auto const apart = distance(key, setting.key); apart < least) nearest = key, least = apart;
    }
    if (known || all.empty()) continue;
    bool const near = least <= std::max<std::size_t>(2, (nearest.size() - owner.size()) / 2);
    // "SHOP_PAGE_SIZE" may be the application's own, "page.size" may not.
    if (!setting.key.substr(owner.size()).starts_with('.') && least > 2) continue;
    lines.push_back(setting.source + ": nothing reads " + setting.key + ": " +
                    (near ? "did you mean " + std::string{nearest} + "?" : "take it out, there is only " + all));
  }
  return lines;
}

std::vector<std::string> Settings::take_unread() {
  auto lines = unread();
  expected_.clear();
  return lines;
}

}  // namespace forksafe
