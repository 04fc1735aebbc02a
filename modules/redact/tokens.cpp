// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

constexpr auto npos = std::string_view::npos;
/// The characters of base64 in its form for URLs.
constexpr std::string_view more_than_letters = "_-";

/// The beginning of a kind of token, the length that must follow, and the characters it may hold beside letters and digits.
struct Shape {
  std::string_view prefix;
  std::size_t least;
  std::string_view others;
};

// clang-format off
constexpr Shape shapes[] = {
    {"AKIA", 12, ""},          {"ASIA", 12, ""},         {"ABIA", 12, ""},        {"ACCA", 12, ""},
    {"ghp_", 16, "_"},         {"gho_", 16, "_"},        {"ghu_", 16, "_"},       {"ghs_", 16, "_"},
    {"ghr_", 16, "_"},         {"github_pat_", 16, "_"}, {"glpat-", 16, "_-."},   {"gldt-", 16, "_-."},
    {"glrt-", 16, "_-."},      {"glptt-", 16, "_-."},    {"glcbt-", 16, "_-."},   {"gloas-", 16, "_-."},
    {"sk_live_", 8, "_"},      {"sk_test_", 8, "_"},     {"rk_live_", 8, "_"},    {"rk_test_", 8, "_"},
    {"whsec_", 16, "_-+/="},   {"xoxb-", 8, "-"},        {"xoxp-", 8, "-"},       {"xoxa-", 8, "-"},
    {"xoxr-", 8, "-"},         {"xoxs-", 8, "-"},        {"xoxe.", 8, "-."},      {"xoxe-", 8, "-."},
    {"xoxc-", 8, "-"},         {"xoxd-", 8, "-%"},       {"xapp-", 8, "-"},       {"eyJ", 10, "_-.=+/"},
    {"AIza", 30, "_-"},        {"ya29.", 10, "_-."},     {"GOCSPX-", 16, "_-"},   {"SG.", 20, "_-."},
    {"npm_", 30, ""},          {"pypi-AgE", 16, "_-"},   {"dop_v1_", 16, ""},     {"doo_v1_", 16, ""},
    {"dor_v1_", 16, ""},       {"shpat_", 16, ""},       {"shpss_", 16, ""},      {"shpca_", 16, ""},
    {"shppa_", 16, ""},        {"sq0atp-", 16, "_-"},    {"sq0csp-", 16, "_-"},   {"hf_", 30, ""},
    {"sk-ant-", 16, "_-"},     {"sk-proj-", 16, "_-"},   {"sk-", 20, "_-"},       {"gsk_", 30, ""},
    {"r8_", 30, ""},           {"hvs.", 16, "_-"},       {"hvb.", 16, "_-"},      {"hvr.", 16, "_-"},
    {"AGE-SECRET-KEY-1", 16, ""}, {"tskey-", 8, "-"},    {"dckr_pat_", 16, "_-"}, {"lin_api_", 16, ""},
    {"ATATT3", 20, "_-="},     {"ATBB", 24, ""},         {"figd_", 16, "_-"},     {"PMAK-", 16, "-"},
    {"rubygems_", 16, ""},     {"nvapi-", 16, "_-"},     {"NRAK-", 16, ""},       {"dapi", 32, "-"},
    {"key-", 32, ""},          {"pscale_tkn_", 16, "_-."}, {"pscale_pw_", 16, "_-."}, {"sntrys_", 16, "_-=+/"},
    {"sbp_", 30, ""},          {"glsa_", 16, "_"},       {"pat-na1-", 16, "-"},
    {"xkeysib-", 16, "-"},     {"EAACEdEose0cBA", 8, ""}, {"amzn.mws.", 16, "-"},  {"SK", 32, ""},
    {"Bearer ", 12, "_-.~+/="}, {"bearer ", 12, "_-.~+/="}, {"Basic ", 8, "+/=_-"}, {"basic ", 8, "+/=_-"}};
// clang-format on

/// Addresses that are secret from where the path begins that only their owner knows.
constexpr Shape addresses[] = {{"hooks.slack.com/services/", 8, "/_-"},    {"hooks.slack.com/workflows/", 8, "/_-"},
                               {"hooks.slack.com/triggers/", 8, "/_-"},    {"discord.com/api/webhooks/", 8, "/_-"},
                               {"discordapp.com/api/webhooks/", 8, "/_-"}, {"webhook.office.com/webhookb2/", 8, "/_-@"},
                               {"api.telegram.org/bot", 8, ":_-"},         {"hooks.zapier.com/hooks/catch/", 8, "/_-"},
                               {"maker.ifttt.com/trigger/", 8, "/_-"}};

bool is_part(char character, std::string_view others) noexcept {
  return base::is_letter(character) || base::is_digit(character) || others.find(character) != npos;
}

std::size_t run_length(std::string_view text, std::string_view others) noexcept {
  auto const end = std::ranges::find_if(text, [others](char character) { return !is_part(character, others); });
  return static_cast<std::size_t>(end - text.begin());
}

/// Whether what follows "Bearer " is a word of a sentence.
bool is_prose(std::string_view run) noexcept {
  auto const of_code = [](char one) { return base::is_digit(one) || one == '='; };
  auto const capital = [](char one) { return base::lower(one) != one; };
  return std::ranges::none_of(run, of_code) && std::ranges::none_of(run.substr(1), capital);
}

/// Returns the length of the token right at the front of `text`; 0 if there is none.
std::size_t token_length(std::string_view text) noexcept {
  for (Shape const& shape : shapes) {
    if (!text.starts_with(shape.prefix)) continue;
    auto const rest = text.substr(shape.prefix.size());
    auto const run = run_length(rest, shape.others);
    if (run < shape.least) continue;
    bool const scheme = shape.prefix.ends_with(' ');
    if (scheme && is_prose(rest.substr(0, run))) continue;
    return shape.prefix.size() + run;
  }
  return 0;
}

std::size_t address_begin(std::string_view text, std::size_t& length) noexcept {
  for (Shape const& shape : addresses) {
    if (!text.starts_with(shape.prefix)) continue;
    auto const run = run_length(text.substr(shape.prefix.size()), shape.others);
    if (run < shape.least) continue;
    length = run;
    return shape.prefix.size();
  }
  return 0;
}

/// A run of 40 characters of base64 of every sort is AWS's secret key; a hash in hexadecimal has no upper case.
bool is_secret_key(std::string_view run) noexcept {
  if (run.size() != 40 || run.starts_with('/')) return false;
  auto const has = [run](auto is) { return std::ranges::any_of(run, is); };
  return has(base::is_digit) && has([](char one) { return base::is_letter(one) && base::lower(one) == one; }) &&
         has([](char one) { return base::is_letter(one) && base::lower(one) != one; });
}

/// Matches "123456789:AA...": the key of a bot of Telegram.
bool is_bot_key(std::string_view text, std::size_t digits) noexcept {
  return digits >= 8 && digits <= 10 && text.substr(digits).starts_with(":AA") &&
         run_length(text.substr(digits + 1, 64), more_than_letters) >= 34;
}

/// Returns how far the end of one of the words is from the front of `text`, where that begins with it; 0 if it does not.
std::size_t past_word(std::string_view text, std::initializer_list<std::string_view> words) noexcept {
  for (std::string_view const word : words)
    if (same_word(text.substr(0, word.size()), word)) return word.size();
  return 0;
}

/// Returns how much comes before the quote of what SQL, or a sentence, calls a password without a separator: PASSWORD 'x',
/// IDENTIFIED BY 'x', IDENTIFIED WITH plugin BY 'x'; 0 if nothing does.
std::size_t password_begin(std::string_view text) noexcept {
  constexpr std::size_t longest_plugin = 64;
  auto place = past_word(text, {"password", "passwd", "identified by"});
  if (place == 0) {
    place = past_word(text, {"identified with"});
    if (place == 0) return 0;
    auto const plugin = text.substr(place, longest_plugin);
    auto const by = std::min(plugin.find(" BY "), plugin.find(" by "));
    auto const as = std::min(plugin.find(" AS "), plugin.find(" as "));
    if (std::min(by, as) == npos) return 0;
    place += std::min(by, as) + 3;
  }
  auto const quote = text.find_first_not_of(" \t", place);
  if (quote == npos || quote == place || (text[quote] != '\'' && text[quote] != '"')) return 0;
  return quote;
}

/// Whether a word of a sentence is not of the language: it has digits or signs among its letters, or capitals inside.
bool looks_random(std::string_view word) noexcept {
  if (word.size() < 6) return false;
  auto const letter = [](char one) { return base::is_letter(one); };
  auto const strange = [](char one) { return base::is_digit(one) || std::string_view{"!#$%^&*+=~"}.find(one) != npos; };
  auto const capital = [](char one) { return base::lower(one) != one; };
  bool const mixed = std::ranges::any_of(word.substr(1), capital) && !std::ranges::all_of(word, capital);
  return std::ranges::any_of(word, letter) && (std::ranges::any_of(word, strange) || mixed);
}

/// Skips "is", "was", "->", "=" or "for NAME", with the blanks before it; returns `place` where none of them comes.
std::size_t past_filler(std::string_view text, std::size_t place) noexcept {
  auto const begin = std::min(text.find_first_not_of(" \t", place), text.size());
  auto const rest = text.substr(begin, 128);
  if (auto const length = past_word(rest, {"is ", "was ", "->", "=>", "=", ":"}); length != 0) return begin + length;
  if (past_word(rest, {"for "}) == 0) return place;
  auto const end = rest.find_first_of(" \t:=\r\n", rest.find_first_not_of(" ", 4));
  return end == npos ? place : begin + end;
}

/// Returns what a sentence, a prompt, a .netrc or SQL's SET PASSWORD calls a password: "password is x", "Password for bob: x".
Passage told_password(std::string_view text) noexcept {
  auto place = past_word(text, {"password", "passwd", "passphrase", "token", "secret"});
  if (place == 0 || place == text.size() || (text[place] != ' ' && text[place] != '\t')) return {};
  for (int fillers = 0; fillers != 2; ++fillers) place = past_filler(text, place);
  place = text.find_first_not_of(" \t", place);
  if (place == npos) return {};
  if (text[place] == '\'' || text[place] == '"') return {place, quoted_end(text, place)};
  auto const run = text.substr(place, 256);
  auto const word = run.substr(0, run.find_first_of(" \t\r\n\"'`,;<>()[]{}"));
  auto const end = word.find_last_not_of(".:?");
  if (end == npos || !looks_random(word.substr(0, end + 1))) return {};
  return {place, place + end + 1};
}

constexpr std::size_t longest_encoded = 512;
constexpr std::string_view encoded_slashes = "%3a%2f%2f";

/// Returns how much comes before the host, after the slashes, in a URL that is encoded as a part of another; 0 if nothing does.
std::size_t encoded_credentials(std::string_view text) noexcept {
  if (!same_word(text.substr(0, encoded_slashes.size()), encoded_slashes)) return 0;
  text = text.substr(encoded_slashes.size(), longest_encoded);
  text = text.substr(0, text.find_first_of("& \t\r\n\"'<>#/"));
  text = text.substr(0, std::min(text.find("%2F"), text.find("%2f")));
  auto const at = text.rfind("%40");
  return at == npos ? 0 : at;
}

constexpr std::string_view armour = "-----BEGIN ";

/// Returns the length of a private key in PEM, with its frame; to the end of the text if the frame has none.
std::size_t armour_length(std::string_view text) noexcept {
  auto const label = text.substr(armour.size(), 64);
  auto const dashes = label.find("-----");
  if (dashes == npos || label.substr(0, dashes).find("PRIVATE KEY") == npos) return 0;
  auto const end = text.find("-----END ", armour.size());
  if (end == npos) return text.size();
  auto const close = text.find("-----", end + 9);
  return close == npos ? text.size() : close + 5;
}

}  // namespace

Passage TokenFinder::next() noexcept {
  while (place_ < text_.size()) {
    auto const begin = place_;
    auto const rest = text_.substr(begin);
    if (rest.starts_with(armour)) {
      auto const length = armour_length(rest);
      if (length != 0) {
        place_ += length;
        return {begin, begin + length};
      }
    }
    if (auto const length = encoded_credentials(rest); length != 0) {
      place_ += encoded_slashes.size() + length;
      return {begin + encoded_slashes.size(), place_};
    }
    bool const inner = begin != 0 && (is_part(text_[begin - 1], "_"));
    if (!is_part(rest[0], "+/.") || inner) {
      ++place_;
      continue;
    }
    if (auto const quote = password_begin(rest); quote != 0) {
      place_ = begin + quote;
      // SQL writes a quote within a text as two.
      do place_ = quoted_end(text_, place_);
      while (place_ < text_.size() && text_[place_] == text_[begin + quote]);
      return {begin + quote, place_};
    }
    if (auto const told = told_password(rest); told.exists()) {
      place_ = begin + told.end;
      return {begin + told.begin, place_};
    }
    std::size_t length = 0;
    if (auto const path = address_begin(rest, length); path != 0) {
      place_ += path + length;
      return {begin + path, place_};
    }
    if (length = token_length(rest); length != 0) {
      place_ += length;
      return {begin, place_};
    }
    auto const digits = static_cast<std::size_t>(std::ranges::find_if_not(rest, base::is_digit) - rest.begin());
    if (is_bot_key(rest, digits)) {
      place_ += digits + 1 + run_length(rest.substr(digits + 1), more_than_letters);
      return {begin, place_};
    }
    auto const run = run_length(rest.substr(0, 41), "+/");
    bool const whole = begin == 0 || !is_part(text_[begin - 1], "+/");
    if (whole && is_secret_key(rest.substr(0, run))) {
      place_ += run;
      return {begin, place_};
    }
    ++place_;
  }
  return {};
}

}  // namespace forksafe
