// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Parts that make a word secret.
constexpr std::string_view parts[] = {"passw",      "passphrase",    "passcode",         "secret",    "token",
                                      "credential", "signature",     "apikey",           "accesskey", "secretkey",
                                      "privatekey", "authkey",       "sessionid",        "sessid",    "pincode",
                                      "mnemonic",   "authorization", "connectionstring", "storepass"};

/// Ends that make a word secret.
constexpr std::string_view ends[] = {"key",  "keys",   "dsn",     "pass",  "pwd",  "salt", "jwt", "pw",
                                     "auth", "cookie", "cookies", "creds", "hmac", "pem",  "otp", "totp"};

/// Words that are secret as a whole.
constexpr std::string_view words[] = {"pin", "cred", "bearer", "sas", "sig", "psk", "pepper", "jwk", "cvv", "cvc", "authn"};

/// Words that only look like one of those above.
constexpr std::string_view harmless[] = {"monkey",      "donkey",    "turkey",    "hockey",     "jockey",       "whiskey",
                                         "hotkey",      "hotkeys",   "bypass",    "compass",    "encompass",    "trespass",
                                         "overpass",    "underpass", "surpass",   "basalt",     "passwordless", "secretary",
                                         "secretariat", "tokenize",  "tokenizer", "tokenizers", "tokenized",    "tokenization",
                                         "monkeys",     "donkeys",   "turkeys",   "jockeys"};

/// A name that begins with one of these asks for a number or for yes or no.
constexpr std::string_view questions[] = {"max",      "min",    "num",     "has", "is",   "use",     "require",
                                          "requires", "enable", "disable", "no",  "with", "without", "skip"};

/// A name that ends in one of these describes a secret.
constexpr std::string_view descriptions[] = {
    "age",       "alg",      "algo",       "algorithm", "algorithms", "attempts",  "audience",  "backend",  "backends",
    "bits",      "cache",    "charset",    "checker",   "class",      "column",    "count",     "days",     "dir",
    "directory", "disabled", "domain",     "enable",    "enabled",    "encoding",  "endpoint",  "error",    "errors",
    "exception", "exchange", "expiration", "expire",    "expires",    "expiry",    "file",      "filename", "files",
    "folder",    "format",   "generator",  "group",     "hasher",     "hashers",   "host",      "hostname", "hours",
    "httponly",  "interval", "issuer",     "kind",      "len",        "length",    "lifetime",  "limit",    "limits",
    "location",  "max",      "maxage",     "method",    "methods",    "min",       "minlength", "minutes",  "mode",
    "module",    "ms",       "name",       "names",     "optional",   "path",      "paths",     "plugin",   "policies",
    "policy",    "port",     "prefix",     "prefixes",  "provider",   "providers", "realm",     "required", "retries",
    "role",      "roles",    "rotation",   "rounds",    "samesite",   "scheme",    "schemes",   "scope",    "scopes",
    "seconds",   "secure",   "server",     "service",   "size",       "sizes",     "space",     "spec",     "storage",
    "store",     "strength", "suffix",     "table",     "timeout",    "timeouts",  "ttl",       "type",     "types",
    "uri",       "url",      "username",   "validator", "validators", "validity",  "version"};

bool ends_with_word(std::string_view text, std::string_view word) noexcept {
  return text.size() >= word.size() && same_word(text.substr(text.size() - word.size()), word);
}

bool has_word(std::string_view text, std::string_view word) noexcept {
  auto const same = [](char one, char other) { return base::lower(one) == other; };
  return !std::ranges::search(text, word, same).empty();
}

template <std::size_t Size>
bool is_among(std::string_view word, std::string_view const (&all)[Size]) noexcept {
  return std::ranges::any_of(all, [word](auto other) { return same_word(word, other); });
}

bool is_secret_word(std::string_view word) noexcept {
  if (is_among(word, harmless)) return false;
  return is_among(word, words) || std::ranges::any_of(ends, [word](auto end) { return ends_with_word(word, end); }) ||
         std::ranges::any_of(parts, [word](auto part) { return has_word(word, part); });
}

/// Takes the next word from the front: letters up to another character or a hump, as in "accessKey". Empty at the end.
std::string_view take_word(std::string_view& name) noexcept {
  name.remove_prefix(static_cast<std::size_t>(std::ranges::find_if(name, base::is_letter) - name.begin()));
  std::size_t size = 0;
  for (; size != name.size() && base::is_letter(name[size]); ++size) {
    bool const hump = size != 0 && base::lower(name[size - 1]) == name[size - 1] && base::lower(name[size]) != name[size];
    if (hump) break;
  }
  auto const word = name.substr(0, size);
  name.remove_prefix(size);
  return word;
}

}  // namespace

bool same_word(std::string_view text, std::string_view word) noexcept {
  return std::ranges::equal(text, word, {}, base::lower);
}

bool looks_secret(std::string_view name) noexcept {
  bool secret = false, asks = false;
  std::string_view first, last;
  for (auto word = take_word(name); !word.empty(); word = take_word(name)) {
    secret = secret || is_secret_word(word) || (same_word(last, "session") && same_word(word, "id")) ||
             (same_word(last, "seed") && same_word(word, "phrase"));
    if (first.empty()) first = word, asks = is_among(word, questions);
    last = word;
  }
  return secret && !asks && !is_among(last, descriptions);
}

}  // namespace forksafe
