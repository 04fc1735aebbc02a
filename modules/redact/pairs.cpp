// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view quotes = "\"'`";
constexpr std::string_view blanks = " \t";
constexpr std::string_view line_ends = "\r\n";
/// The ends of a part of a URL that is encoded to be a part of another.
constexpr std::string_view encoded_ends = "& \t\r\n\"'<>#";
constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_call = 512;

/// Headers whose values are lists of their own, to the end of the line.
constexpr std::string_view headers[] = {"authorization", "proxy-authorization", "cookie", "set-cookie",
                                        "cookie2",       "set-cookie2"};
/// The words before the secret in a header for authorization.
constexpr std::string_view schemes[] = {"bearer", "basic", "digest", "token", "negotiate", "apikey", "hawk", "ntlm", "key"};

bool is_in(std::string_view characters, char character) noexcept { return characters.find(character) != npos; }

bool is_name_character(char character) noexcept {
  return base::is_letter(character) || base::is_digit(character) || is_in("_-.%[$*", character);
}

std::size_t skip(std::string_view text, std::string_view characters, std::size_t place) noexcept {
  return std::min(text.find_first_not_of(characters, place), text.size());
}

bool is_at_end_or(std::string_view text, std::size_t place, std::string_view characters) noexcept {
  return place >= text.size() || is_in(characters, text[place]);
}

/// Whether `name=` or `"name":` begins at `place`.
bool begins_pair(std::string_view text, std::size_t place) noexcept {
  place = skip(text.substr(0, std::min(text.size(), place + 16)), " \t\"'\\", place);
  auto const begin = place;
  auto const is_part = [text](std::size_t at) { return is_name_character(text[at]) || text[at] == ']'; };
  while (place < std::min(text.size(), begin + longest_name) && is_part(place)) ++place;
  if (place == begin) return false;
  place = skip(text.substr(0, std::min(text.size(), place + 16)), " \t\"'\\", place);
  if (place >= text.size()) return false;
  // "abc=", "abc==" is base64 rather than a name.
  return text[place] == ':' || (text[place] == '=' && !is_at_end_or(text, place + 1, "= \t\r\n;,&\"'"));
}

/// Returns where "{...}" ends, with what it holds; "}}" is a brace of the value where `doubled` says so, as ODBC has it.
std::size_t bracketed_end(std::string_view text, std::size_t place, bool doubled) noexcept {
  std::size_t depth = 0;
  while (place < text.size()) {
    char const one = text[place];
    if (is_in(quotes, one) && is_in("{[(,:= ", text[place - 1])) {
      place = quoted_end(text, place);
      continue;
    }
    ++place;
    if (is_in("{[(", one)) ++depth;
    if (!is_in("}])", one)) continue;
    if (doubled && depth == 1 && one == '}' && place < text.size() && text[place] == '}') {
      ++place;
    } else if (--depth == 0) {
      return place;
    }
  }
  return text.size();
}

/// Skips the letters that Python puts before a quote; returns `place` if no quote follows.
std::size_t skip_quote_prefix(std::string_view text, std::size_t place) noexcept {
  auto const letters = text.substr(place, 2);
  auto const quote = letters.find_first_not_of("bBuUrRfF@$");
  auto const after = place + (quote == npos ? letters.size() : quote);
  return after < text.size() && is_in(quotes, text[after]) ? after : place;
}

/// Returns where a block of YAML ends that begins with "|" or ">" at `place`: with the last line that begins with a blank; 0 if
/// none does.
std::size_t block_end(std::string_view text, std::size_t place) noexcept {
  if (place >= text.size() || !is_in("|>", text[place])) return 0;
  auto end = skip(text, "|>+-123456789 \t", place);
  if (end >= text.size() || !is_in(line_ends, text[end])) return 0;
  for (;;) {
    auto const next = skip(text, line_ends, end);
    if (next >= text.size() || !is_in(blanks, text[next])) return end;
    end = std::min(text.find_first_of(line_ends, next), text.size());
  }
}

/// "secret.ini: Permission denied" and "//db/secret": refused" tell of a file, or of a place, and not its value.
bool names_file(std::string_view word, char quote) noexcept {
  constexpr std::string_view endings[] = {"cfg", "conf", "crt",  "ini", "json", "log",  "pem", "py",
                                          "so",  "sock", "toml", "txt", "xml",  "yaml", "yml"};
  if (quote != '\0' && word.find("//") != npos) return true;
  auto const dot = word.rfind('.');
  if (dot == npos || dot == 0) return false;
  return std::ranges::any_of(endings, [ending = word.substr(dot + 1)](auto one) { return same_word(ending, one); });
}

}  // namespace

std::size_t quoted_end(std::string_view text, std::size_t place) noexcept {
  auto const open = skip(text, "\\", place);
  if (open == text.size() || !is_in(quotes, text[open])) return 0;
  auto const depth = open - place;
  char const quote = text[open];
  if (depth == 0 && text.substr(open).starts_with(quote == '"' ? "\"\"\"" : "'''")) {
    auto const end = text.find(text.substr(open, 3), open + 3);
    return end == npos ? text.size() : end + 3;
  }
  for (std::size_t next = open + 1; next < text.size(); ++next) {
    auto const slashes = skip(text, "\\", next) - next;
    next += slashes;
    if (next == text.size()) break;
    if (text[next] != quote || (depth == 0 ? slashes % 2 != 0 : slashes > depth)) continue;
    if (slashes < depth) return next - slashes;
    bool const doubled = depth == 0 && next + 1 < text.size() && text[next + 1] == quote && next != open + 1;
    if (!doubled) return next + 1;
    ++next;
  }
  return text.size();
}

std::size_t Ahead::of(std::string_view characters, std::size_t place) noexcept {
  if (!asked_ || found_ < place) found_ = std::min(text_.find_first_of(characters, place), text_.size());
  asked_ = true;
  return found_;
}

bool PairFinder::begins_line(std::size_t place) const noexcept {
  for (std::size_t count = 0; place != 0 && count != 64; --place, ++count) {
    if (is_in(line_ends, text_[place - 1])) return true;
    if (!is_in(" \t-", text_[place - 1])) return false;
  }
  return place == 0;
}

/// Whether the line's pairs are divided by semicolons, so that blanks belong to values.
bool PairFinder::has_semicolons(Name const& name, std::size_t value) noexcept {
  auto before = name.begin;
  while (before != 0 && name.begin - before < 16 && is_in(blanks, text_[before - 1])) --before;
  if (before != 0 && text_[before - 1] == ';') return true;
  auto const semicolon = semicolons_.of(";", value);
  return semicolon < lines_.of(line_ends, value) && begins_pair(text_, semicolon + 1);
}

std::size_t PairFinder::unquoted_end(Name const& name, std::size_t value, bool equals) noexcept {
  auto const line = lines_.of(line_ends, value);
  auto outer = name.begin;
  while (outer != 0 && name.begin - outer < 4 && text_[outer - 1] == '-') --outer;
  char const around = name.quote == 0 && outer != 0 && is_in(quotes, text_[outer - 1]) ? text_[outer - 1] : '\0';
  auto const word = text_.substr(name.begin, name.end - name.begin);
  bool const first = begins_line(name.begin);
  bool const header = !equals && std::ranges::any_of(headers, [word](auto one) { return same_word(word, one); });
  bool const semicolons = equals && has_semicolons(name, value);
  bool const alone = equals && first && equals_.of("=", value) >= line;
  bool const close = !equals && !is_in(blanks, text_[value - 1]);
  bool const blanks_end = around == 0 && ((equals && !semicolons && !alone) || close);
  bool called = false;
  auto place = value;
  for (auto const scheme : schemes) {
    if (!same_word(text_.substr(value, scheme.size()), scheme)) continue;
    auto const after = value + scheme.size();
    if (after < line && is_in(blanks, text_[after])) place = skip(text_, blanks, after);
  }
  for (; place < line; ++place) {
    char const one = text_[place];
    if (one == around && around != 0) return place;
    if (header) continue;
    if (is_in("{[(", one) && !std::exchange(called, true)) {
      // Login('user', 'password')
      auto const near = text_.substr(0, std::min(line, place + longest_call));
      if (auto const end = bracketed_end(near, place, false); end < near.size() || near.ends_with(')')) place = end - 1;
    } else if (one == '\\' && place + 1 < line) {
      if (is_in(quotes, text_[place + 1]) && is_at_end_or(text_, place + 2, ",;:)}] \t\r\n")) return place;
      ++place;
    } else if (is_in(",;&", one)) {
      if (begins_pair(text_, place + 1) || (one == ';' && skip(text_, blanks, place + 1) >= line)) return place;
    } else if (is_in(blanks, one)) {
      if (blanks_end) return place;
    } else if (is_in(quotes, one)) {
      if ((equals || !first) && is_at_end_or(text_, place + 1, ",;:)}] \t\r\n")) return place;
    } else if (is_in(")}]", one)) {
      if ((equals || !first) && is_at_end_or(text_, place + 1, ")}](\"' \t\r\n")) return place;
      if ((equals || !first) && is_in(",;", text_[place + 1]) && begins_pair(text_, place + 2)) return place;
    }
  }
  return line;
}

/// Returns the value of a secret name; no Passage if there is none.
Passage PairFinder::value_after(Name const& name, std::size_t separator) noexcept {
  bool const equals = text_[separator] == '=';
  auto place = separator + 1;
  if (text_.substr(place).starts_with(':') || text_.substr(place).starts_with("//")) return {};
  // The user's name, or the host, of a URL.
  if (!equals && name.begin >= 2 && text_.substr(name.begin - 2).starts_with("//")) return {};
  while (place < text_.size() && is_in("=>", text_[place])) ++place;
  place = skip(text_, blanks, place);
  if (!equals && is_at_end_or(text_, place, line_ends)) {
    place = skip(text_, " \t\r\n", place);
    if (is_at_end_or(text_, place, "") || !is_in("\"'{[", text_[place])) return {};
  }
  auto const begin = place;
  if (equals && begin != separator + 1 && begins_pair(text_, begin)) return {separator + 1, separator + 1};
  if (text_.substr(begin).starts_with(hidden) && is_at_end_or(text_, begin + hidden.size(), " \t\r\n,;:&)}]\"'`<"))
    return {begin, begin + hidden.size()};
  if (auto const end = equals ? 0 : block_end(text_, begin); end != 0) return {begin, end};
  auto const opening = skip_quote_prefix(text_, begin);
  if (auto end = quoted_end(text_, opening); end != 0) {
    if (!is_at_end_or(text_, end, " \t\r\n,;:&)}]\"'`<>\\/")) end = std::max(end, unquoted_end(name, end, true));
    return {begin, end};
  }
  if (begin < text_.size() && is_in("{[(", text_[begin])) {
    auto const end = bracketed_end(text_, begin, equals);
    return {begin, is_at_end_or(text_, end, " \t\r\n,;:&)}]\"'`<>") ? end : unquoted_end(name, end, equals)};
  }
  auto const end = unquoted_end(name, begin, equals);
  if (!equals && end == begin) return {};
  return {begin, end};
}

PairFinder::Name PairFinder::name_before(std::size_t separator) const noexcept {
  auto const least = separator - std::min(separator, longest_name);
  auto end = separator;
  while (end != least && is_in(blanks, text_[end - 1])) --end;
  if (end != least && text_[end - 1] == ']') --end;
  char quote = '\0';
  if (end != least && is_in(quotes, text_[end - 1])) quote = text_[--end];
  while (quote != '\0' && end != least && text_[end - 1] == '\\') --end;
  auto begin = end;
  while (begin != least && (quote == '\0' ? is_name_character(text_[begin - 1]) : text_[begin - 1] != quote)) --begin;
  return {begin, end, quote};
}

Passage PairFinder::next() noexcept {
  while (true) {
    auto const separator = text_.find_first_of("=:>,%", place_);
    if (separator == npos) {
      place_ = text_.size();
      return {};
    }
    place_ = separator + 1;
    char const kind = text_[separator];
    auto const name = name_before(separator);
    auto const before = name.begin == 0 ? '\0' : text_[name.begin - 1];
    if (name.begin == name.end || (kind == '>' && before != '<')) continue;
    if (kind == ',' && (name.quote == '\0' || name.begin < 2 || text_[name.begin - 2] != '(')) continue;
    auto word = text_.substr(name.begin, name.end - name.begin);
    auto const code = word.rfind('%');
    if (kind == '%' && code != npos) word.remove_prefix(std::min(code + 3, word.size()));
    if (kind == '%' && !same_word(text_.substr(separator, 3), "%3d")) continue;
    if (kind == ':' && names_file(word, name.quote)) continue;
    bool const valued = std::exchange(names_secret_, false) && same_word(word, "value");
    if (same_word(word, "name") || same_word(word, "key")) {
      auto const value = text_.substr(skip(text_, " \t\"'\\", place_), longest_name);
      auto const end = std::ranges::find_if_not(value, is_name_character);
      names_secret_ = looks_secret(value.substr(0, static_cast<std::size_t>(end - value.begin())));
    }
    // OAuth's, in the address to which it sends a browser back.
    bool const grant = kind == '=' && (before == '?' || before == '&') && same_word(word, "code");
    if (!valued && !grant && !looks_secret(word)) continue;
    Passage found;
    if (kind == '>') {
      found = {place_, std::min(text_.find('<', place_), text_.size())};
    } else if (kind == '%') {
      auto const begin = separator + 3;
      auto const value = text_.substr(begin, text_.find_first_of(encoded_ends, begin) - begin);
      found = {begin, begin + std::min(value.find("%26"), value.size())};
    } else if (kind == ',') {
      auto const begin = skip(text_, blanks, place_);
      if (auto const end = quoted_end(text_, skip_quote_prefix(text_, begin)); end != 0) found = {begin, end};
    } else {
      found = value_after(name, separator);
    }
    if (!found.exists()) continue;
    place_ = std::max(found.end, place_);
    return found;
  }
}

}  // namespace forksafe
