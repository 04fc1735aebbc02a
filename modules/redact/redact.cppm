// SPDX-License-Identifier: MIT
export module forksafe:redact;

import forksafe.std;

export namespace forksafe {

/// Whether a name says that its value is secret: a password, token, key, cookie, DSN and the like.
///
/// Errs on the side of secrecy: "sort_key" is secret. A name that ends in a property of a secret is not: "key_prefix",
/// "token_ttl", "cookie.secure"; nor is one that only begins alike: "keyspace", "author", "pinning".
[[nodiscard]] bool looks_secret(std::string_view name) noexcept;

/// Returns the text as it may be shown: "***" in place of what is secret by the name before it, by its place in a URL or
/// connection string, or by its own form. Takes time in proportion to the text, and changes nothing the second time.
[[nodiscard]] std::string redacted_text(std::string_view text);

}  // namespace forksafe

namespace forksafe {

inline constexpr std::string_view hidden = "***";

/// A part of a text, from `begin` up to `end`.
struct Passage {
  std::size_t begin = std::string_view::npos;
  std::size_t end = std::string_view::npos;

  [[nodiscard]] constexpr bool exists() const noexcept { return begin != std::string_view::npos; }
};

// Each finder looks for one idea of a secret. next() returns its findings from left to right, none of which overlap, and then a
// Passage that does not exist. None allocates or takes a lock, so that a signal handler's log line can ask, too.

/// Finds the next place of a character set or word, and remembers it: callers ask with places that only grow.
class Ahead {
 public:
  constexpr explicit Ahead(std::string_view text) noexcept : text_(text) {}

  /// Returns where the first of `characters` at or after `place` is; the text's length if nowhere.
  [[nodiscard]] std::size_t of(std::string_view characters, std::size_t place) noexcept;

 private:
  std::string_view text_;
  std::size_t found_ = 0;
  bool asked_ = false;
};

/// Finds credentials before the host: scheme://user:password@host.
class UrlFinder {
 public:
  constexpr explicit UrlFinder(std::string_view text) noexcept : text_(text) {}
  [[nodiscard]] Passage next() noexcept;

 private:
  std::string_view text_;
  std::size_t place_ = 0;
  std::size_t start_ = std::string_view::npos;
};

/// Finds the same without "//" before it: user:password@host, jdbc:oracle:thin:user/password@host.
class LoginFinder {
 public:
  constexpr explicit LoginFinder(std::string_view text) noexcept : text_(text), ats_(text), lines_(text) {}
  [[nodiscard]] Passage next() noexcept;

 private:
  [[nodiscard]] Passage in_word(std::size_t begin, std::size_t end) noexcept;

  std::string_view text_;
  Ahead ats_;
  Ahead lines_;
  std::size_t place_ = 0;
  std::size_t judged_ = std::string_view::npos;
  std::size_t login_end_ = std::string_view::npos;
};

/// Finds values of secret names: password=x, "password": "x", Authorization: Bearer x.
class PairFinder {
 public:
  constexpr explicit PairFinder(std::string_view text) noexcept : text_(text), semicolons_(text), equals_(text), lines_(text) {}
  [[nodiscard]] Passage next() noexcept;

 private:
  /// A name, and the quote around it: 0 if there is none.
  struct Name {
    std::size_t begin;
    std::size_t end;
    char quote;
  };
  [[nodiscard]] Name name_before(std::size_t separator) const noexcept;
  [[nodiscard]] Passage value_after(Name const& name, std::size_t separator) noexcept;
  [[nodiscard]] std::size_t unquoted_end(Name const& name, std::size_t value, bool equals) noexcept;
  [[nodiscard]] bool begins_line(std::size_t place) const noexcept;
  [[nodiscard]] bool has_semicolons(Name const& name, std::size_t value) noexcept;

  std::string_view text_;
  Ahead semicolons_;
  Ahead equals_;
  Ahead lines_;
  std::size_t place_ = 0;
  /// Whether the pair before is name="password", so that the value of "value" is secret.
  bool names_secret_ = false;
};

/// Finds values of command lines' options: --password x, curl -u user:password, mysql -ppassword.
class OptionFinder {
 public:
  constexpr explicit OptionFinder(std::string_view text) noexcept : text_(text) {}
  [[nodiscard]] Passage next() noexcept;

 private:
  [[nodiscard]] Passage at(std::size_t dash, std::size_t end) noexcept;

  std::string_view text_;
  std::size_t place_ = 0;
  /// The programs that the line has named so far.
  unsigned programs_ = 0;
};

/// Finds what looks like a secret in any surroundings: AKIA..., ghp_..., eyJ..., a private key.
class TokenFinder {
 public:
  constexpr explicit TokenFinder(std::string_view text) noexcept : text_(text) {}
  [[nodiscard]] Passage next() noexcept;

 private:
  std::string_view text_;
  std::size_t place_ = 0;
};

/// Finds everything in a text that must not be seen, from left to right; adjacent passages are one.
class SecretFinder {
 public:
  constexpr explicit SecretFinder(std::string_view text) noexcept
      : urls_(text), logins_(text), pairs_(text), options_(text), tokens_(text) {}
  [[nodiscard]] Passage next() noexcept;

 private:
  [[nodiscard]] Passage step(std::size_t finder) noexcept;

  UrlFinder urls_;
  LoginFinder logins_;
  PairFinder pairs_;
  OptionFinder options_;
  TokenFinder tokens_;
  std::array<Passage, 5> heads_{};
  bool started_ = false;
};

/// Returns where a value that begins with a quote ends, which may have backslashes before it, as in JSON inside of JSON; 0 if
/// none begins at `place`.
[[nodiscard]] std::size_t quoted_end(std::string_view text, std::size_t place) noexcept;

/// Whether a text can be the number of a port; an empty one can, too.
[[nodiscard]] bool is_port(std::string_view text) noexcept;

/// Whether "host:port/path@more" is just that, rather than a user, and a password up to the '@'.
[[nodiscard]] bool is_path_of_host(std::string_view word, std::size_t colon, std::size_t at) noexcept;

/// Whether two texts are the same but for the case of letters; `word` is in lower case.
[[nodiscard]] bool same_word(std::string_view text, std::string_view word) noexcept;

/// Writes the text as it may be shown into `buffer`, cut off where that is full. Callable in a signal handler.
[[nodiscard]] std::string_view redacted_into(char* buffer, std::size_t size, std::string_view text) noexcept;

}  // namespace forksafe
