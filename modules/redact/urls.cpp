// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view word_ends = " \t\r\n\"'`<>";

/// Browsers, too, end the authority of these at the first '/', whatever a password may hold.
constexpr std::string_view web_schemes[] = {"http", "https", "ws", "wss"};

bool begins_url(std::string_view text, std::size_t slash) noexcept {
  if (slash == 0) return true;
  return std::string_view{" \t\r\n:\"'`<>=,;([{|@"}.find(text[slash - 1]) != npos;
}

/// Returns where "//" begins a URL at or after `place`, also as JSON may write it: "\/\/". Sets `after` to the place after it.
std::size_t find_start(std::string_view text, std::size_t place, std::size_t& after) noexcept {
  for (auto slash = text.find('/', place); slash != npos; slash = text.find('/', slash + 1)) {
    auto const rest = text.substr(slash);
    bool const escaped = slash != 0 && text[slash - 1] == '\\' && rest.starts_with("/\\/");
    if (!escaped && !rest.starts_with("//")) continue;
    after = slash + (escaped ? 3 : 2);
    auto const start = slash - (escaped ? 1 : 0);
    if (begins_url(text, start)) return start;
  }
  after = text.size();
  return npos;
}

bool is_web(std::string_view text, std::size_t start) noexcept {
  if (start == 0 || text[start - 1] != ':') return false;
  auto const before = text.substr(0, start - 1);
  auto const size = std::min<std::size_t>(before.size(), 5);
  auto const tail = before.substr(before.size() - size);
  return std::ranges::any_of(web_schemes, [tail](auto scheme) {
    if (tail.size() < scheme.size() || !same_word(tail.substr(tail.size() - scheme.size()), scheme)) return false;
    return tail.size() == scheme.size() || !base::is_letter(tail[tail.size() - scheme.size() - 1]);
  });
}

}  // namespace

bool is_port(std::string_view text) noexcept {
  if (text.size() > 5 || !std::ranges::all_of(text, base::is_digit)) return false;
  std::size_t number = 0;
  for (char const digit : text) number = number * 10 + static_cast<std::size_t>(digit - '0');
  return number <= 65'535;
}

bool is_path_of_host(std::string_view word, std::size_t colon, std::size_t at) noexcept {
  auto const user = word.substr(0, colon);
  auto const between = word.substr(colon + 1, at - colon - 1);
  return user.find('.') != npos || same_word(user, "localhost") || between.ends_with('/') || between.find('=') != npos;
}

namespace {

/// Returns how much of what follows "//" comes before the host; 0 if no credentials do. `reach` ends with the line.
std::size_t credentials_length(std::string_view reach, bool web) noexcept {
  auto const word = reach.substr(0, reach.find_first_of(word_ends));
  auto const authority = word.substr(0, word.find_first_of("/?#"));
  auto const colon = authority.find(':');
  auto const at = authority.rfind('@');
  if (at != npos) {
    // A password may hold an '@', a '/', a blank and another '@'; a user's name without a password holds none of those.
    if (at < colon) return at;
    auto const last = word.rfind('@');
    bool const complete = word.find_first_of("/:.?[", last) != npos;
    return complete ? last : reach.rfind('@');
  }
  if (colon == npos || reach.starts_with('[')) return 0;
  auto const port = authority.substr(colon + 1);
  if (colon != 0 && is_port(port)) {
    bool const alone = word.size() == authority.size();
    auto const later = alone && !web ? reach.rfind('@') : word.rfind('@');
    return later == npos || (web && is_path_of_host(word, colon, later)) ? 0 : later;
  }
  auto const later = reach.rfind('@');
  return later == npos ? 0 : later;
}

}  // namespace

Passage UrlFinder::next() noexcept {
  std::size_t after = 0;
  if (place_ == 0 && start_ == npos) {
    start_ = find_start(text_, 0, after);
    place_ = after;
  }
  while (start_ != npos) {
    auto const begin = place_;
    bool const web = is_web(text_, start_);
    start_ = find_start(text_, begin, after);
    place_ = after;
    auto const reach = text_.substr(begin, start_ - begin);
    auto const length = credentials_length(reach.substr(0, reach.find('\n')), web);
    if (length != 0) return {begin, begin + length};
  }
  return {};
}

}  // namespace forksafe
