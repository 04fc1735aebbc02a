// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.std.operators;

namespace forksafe {
namespace {

/// Calls `take` with the pieces of the text as it may be shown.
template <class Take>
void show(std::string_view text, Take take) {
  SecretFinder secrets{text};
  std::size_t place = 0;
  for (Passage secret = secrets.next(); secret.exists(); secret = secrets.next()) {
    take(text.substr(place, secret.begin - place));
    take(hidden);
    place = secret.end;
  }
  take(text.substr(place));
}

std::string shown_once(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  show(text, [&result](std::string_view piece) { result += piece; });
  return result;
}

}  // namespace

Passage SecretFinder::step(std::size_t finder) noexcept {
  switch (finder) {
    case 0: return urls_.next();
    case 1: return logins_.next();
    case 2: return pairs_.next();
    case 3: return options_.next();
    default: return tokens_.next();
  }
}

Passage SecretFinder::next() noexcept {
  if (!std::exchange(started_, true)) {
    for (std::size_t finder = 0; finder != heads_.size(); ++finder) heads_[finder] = step(finder);
  }
  auto const first = std::ranges::min_element(heads_, {}, &Passage::begin);
  Passage result = *first;
  if (!result.exists()) return result;
  // Asked again before anything is compared, so that a finding with a wrong end cannot stand here for ever.
  *first = step(static_cast<std::size_t>(first - heads_.begin()));
  result.end = std::max(result.begin, result.end);
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t finder = 0; finder != heads_.size(); ++finder) {
      Passage& head = heads_[finder];
      if (!head.exists() || head.begin > result.end) continue;
      result.end = std::max(result.end, head.end);
      head = step(finder);
      grown = true;
    }
  }
  return result;
}

std::string redacted_text(std::string_view text) {
  // A replacement changes what is around it. A text that changes with every look is not shown.
  constexpr int most = 4;
  std::string result = shown_once(text);
  for (int count = 0; count != most; ++count) {
    std::string again = shown_once(result);
    if (again == result) return result;
    result = std::move(again);
  }
  return std::string{hidden};
}

std::string_view redacted_into(char* buffer, std::size_t size, std::string_view text) noexcept {
  std::size_t used = 0;
  show(text, [&](std::string_view piece) { used += piece.copy(buffer + used, size - used); });
  return {buffer, used};
}

std::string redacted(Setting const& setting) {
  return looks_secret(setting.key) ? std::string{hidden} : redacted_text(setting.value);
}

}  // namespace forksafe
