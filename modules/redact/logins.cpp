// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view word_ends = " \t\r\n\"'`<>";

/// Words before a ':' and an '@' where no password stands.
constexpr std::string_view no_users[] = {"mailto", "sip", "sips", "xmpp", "acct", "npm",
                                         "pkg",    "to",  "cc",   "bcc",  "from", "email"};
/// Words before a ':' and a URL.
constexpr std::string_view prefixes[] = {"jdbc", "r2dbc", "url", "uri", "dsn"};
constexpr std::string_view digests[] = {"sha256:", "sha384:", "sha512:"};

bool is_user_character(char character) noexcept {
  return base::is_letter(character) || base::is_digit(character) || static_cast<unsigned char>(character) >= 0x80 ||
         std::string_view{"_.%+-$*!~\\#"}.find(character) != npos;
}

/// "db:3306/x", "tcp(db:3306)/x": nothing else than an address follows an '@'.
bool is_address(std::string_view tail) noexcept {
  constexpr std::string_view beginnings[] = {"tcp(", "unix(", "//", "("};
  if (std::ranges::any_of(beginnings, [tail](auto beginning) { return tail.starts_with(beginning); })) return true;
  auto const colon = tail.find(':');
  if (colon == npos || colon == 0) return false;
  auto const after = tail.substr(colon + 1);
  auto const port = after.substr(0, after.find_first_not_of("0123456789"));
  return !port.empty() && is_port(port);
}

bool is_host(std::string_view tail) noexcept {
  if (std::ranges::any_of(digests, [tail](auto digest) { return tail.starts_with(digest); })) return false;
  return !tail.empty() &&
         (base::is_letter(tail[0]) || base::is_digit(tail[0]) || std::string_view{"[/(*_"}.find(tail[0]) != npos);
}

/// Returns where the user's name begins that ends at `end`; `end` if there is none.
std::size_t user_begin(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  auto user = end;
  while (user != begin && is_user_character(text[user - 1])) --user;
  return user;
}

}  // namespace

Passage LoginFinder::in_word(std::size_t begin, std::size_t end) noexcept {
  auto const word = text_.substr(0, end);
  auto colon = word.find(':', begin);
  auto const last_at = word.substr(begin).rfind('@');
  bool const has_at = last_at != npos;
  auto const at = has_at ? begin + last_at : npos;
  auto const oracle = word.substr(begin).find("jdbc:oracle:");
  if (has_at && oracle != npos) {
    auto const user = word.find(':', begin + oracle + 12);
    if (user != npos && user + 1 < at) return {user + 1, at};
    return {};
  }
  if (colon == npos || (has_at && colon > at)) {
    auto const slash = word.find('/', begin);
    if (!has_at || slash == npos || slash + 1 >= at || !is_address(word.substr(at + 1))) return {};
    auto const user = user_begin(word, begin, slash);
    return user == slash ? Passage{} : Passage{user, at};
  }
  auto const rest = word.substr(colon + 1);
  auto const user = user_begin(word, begin, colon);
  auto const name = word.substr(user, colon - user);
  if (name.empty() || rest.empty() || rest.starts_with("//") || rest.starts_with("\\/")) return {};
  bool const prefix = std::ranges::any_of(prefixes, [name](auto other) { return same_word(name, other); });
  if (prefix && rest.find("://") != npos) return {};
  if (std::ranges::any_of(no_users, [name](auto other) { return same_word(name, other); })) return {};
  auto const shown = word.substr(user);
  auto const port = rest.substr(0, rest.find_first_of("/?#"));
  if (!has_at) {
    if (is_port(port)) return {};
    // "root:my secret@tcp(db)": the '@' is in a later word of the line.
    auto const later = ats_.of("@", end);
    if (later == text_.size() || lines_.of("\n", end) < later) return {};
    if (judged_ != later) {
      judged_ = later;
      auto const last = text_.substr(0, std::min(text_.find_first_of(word_ends, later), text_.size()));
      login_end_ = is_address(last.substr(last.rfind('@') + 1)) ? last.rfind('@') : npos;
    }
    return login_end_ == npos ? Passage{} : Passage{user, login_end_};
  }
  if (at == colon + 1 || !is_host(word.substr(at + 1))) return {};
  bool const ported = is_port(port) && colon + 1 + port.size() < at;
  if (ported && is_path_of_host(shown, colon - user, at - user)) return {};
  return {user, at};
}

Passage LoginFinder::next() noexcept {
  while (true) {
    auto const begin = text_.find_first_not_of(word_ends, place_);
    if (begin == npos) {
      place_ = text_.size();
      return {};
    }
    auto const end = std::min(text_.find_first_of(word_ends, begin), text_.size());
    auto const found = in_word(begin, end);
    place_ = found.exists() ? std::max(end, found.end) : end;
    if (found.exists()) return found;
  }
}

}  // namespace forksafe
