// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view word_ends = " \t\r\n\"'`,[]()";

/// An option that one program takes a secret by: in the next word, or in the rest of its own.
struct Option {
  std::string_view program;
  std::string_view flag;
  bool apart;
  bool together;
};

constexpr Option options[] = {
    {"curl", "-u", true, true},           {"curl", "-U", true, true},      {"mysql", "-p", false, true},
    {"mariadb", "-p", false, true},       {"sshpass", "-p", true, true},   {"redis-cli", "-a", true, false},
    {"mongo", "-p", true, false},         {"ldap", "-w", true, true},      {"login", "-p", true, false},
    {"rabbitmqadmin", "-p", true, false}, {"sqlcmd", "-P", true, true},    {"bcp", "-P", true, true},
    {"tsql", "-P", true, true},           {"smbclient", "-U", true, true}, {"http", "-a", true, false},
    {"snmp", "-c", true, false},          {"ipmitool", "-P", true, false}, {"lftp", "-u", true, false},
    {"kinit", "-w", true, false},         {"zip", "-P", true, false},      {"openssl", "-k", true, false},
    {"openssl", "-K", true, false}};
static_assert(std::size(options) < 31);

/// Programs of Oracle, which take user/password@name as a word.
constexpr std::string_view oracle[] = {"sqlplus", "sqlldr", "expdp", "impdp", "rman"};
constexpr unsigned oracle_bit = 1u << 31;

constexpr std::string_view logins[] = {"-u", "--user", "--proxy-user", "--login"};

/// Returns where the value after the option begins, past blanks and what divides the elements of a list; npos if none does.
std::size_t next_value(std::string_view text, std::size_t place) noexcept {
  bool divided = false;
  for (auto const end = std::min(text.size(), place + 16); place < end; ++place) {
    char const one = text[place];
    if (one == ' ' || one == '\t' || one == ',') {
      divided = true;
    } else if (!divided && (one == '"' || one == '\'')) {
      continue;
    } else {
      break;
    }
  }
  return divided && place < text.size() && text[place] != '\n' && text[place] != '\r' ? place : npos;
}

std::size_t value_end(std::string_view text, std::size_t place) noexcept {
  if (auto const end = quoted_end(text, place); end != 0) return end;
  return std::min(text.find_first_of(" \t\r\n\"'`", place), text.size());
}

bool has_password(std::string_view value) noexcept {
  auto const colon = value.find(':');
  if (colon == npos || colon == 0 || colon + 1 == value.size() || value[0] == '+' || value[0] == '/') return false;
  return !std::ranges::all_of(value, [](char one) { return base::is_digit(one) || one == ':'; });
}

}  // namespace

Passage OptionFinder::at(std::size_t dash, std::size_t end) noexcept {
  auto const word = text_.substr(dash, end - dash);
  auto const value = next_value(text_, end);
  bool const apart = value != npos && text_[value] != '-';
  for (std::size_t index = 0; index != std::size(options); ++index) {
    Option const& option = options[index];
    if ((programs_ >> index & 1u) == 0 || !word.starts_with(option.flag)) continue;
    if (word == option.flag && option.apart && apart) return {value, value_end(text_, value)};
    if (word != option.flag && option.together) return {dash + option.flag.size(), end};
    if (word == option.flag && option.together && end < text_.size() && quoted_end(text_, end) != 0)
      return {end, quoted_end(text_, end)};
  }
  if (!apart) return {};
  Passage const found{value, value_end(text_, value)};
  if (std::ranges::find(logins, word) != std::end(logins)) {
    return has_password(text_.substr(value, found.end - value)) ? found : Passage{};
  }
  bool const is_name = word.find_first_of("/:;=&?@%{}") == npos;
  return is_name && looks_secret(word) ? found : Passage{};
}

Passage OptionFinder::next() noexcept {
  while (true) {
    auto const begin = text_.find_first_not_of(word_ends, place_);
    auto const gap = text_.substr(place_, begin - place_);
    if (gap.find('\n') != npos) programs_ = 0;
    if (begin == npos) {
      place_ = text_.size();
      return {};
    }
    auto const end = std::min(text_.find_first_of(word_ends, begin), text_.size());
    place_ = end;
    if (text_[begin] == '-') {
      auto const found = at(begin, end);
      if (!found.exists()) continue;
      place_ = std::max(end, found.end);
      return found;
    }
    auto const word = text_.substr(begin, end - begin);
    if (word.size() > 128) continue;
    bool const takes_login = (programs_ & oracle_bit) != 0;
    if (auto const slash = word.find('/'); takes_login && slash != npos && slash != 0 && slash + 1 < word.size()) {
      // The name of a database comes after the password: an '@' before the slash is the user's.
      auto const at = word.rfind('@');
      return {begin + slash + 1, at == npos || at < slash ? end : begin + at};
    }
    if (std::ranges::any_of(oracle, [word](auto one) { return word.ends_with(one); })) programs_ |= oracle_bit;
    for (std::size_t index = 0; index != std::size(options); ++index) {
      if (word.find(options[index].program) != npos) programs_ |= 1u << index;
    }
  }
}

}  // namespace forksafe
