// SPDX-License-Identifier: MIT
export module forksafe.page:html;

import forksafe.std;

namespace forksafe {

/// Markup as the page's own source spells it out.
class Markup {
 public:
  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
  [[nodiscard]] constexpr Markup part(std::size_t begin, std::size_t size = std::string_view::npos) const noexcept {
    return Markup{text_.substr(begin, size)};
  }

 private:
  friend consteval Markup operator""_html(char const* text, std::size_t size) noexcept;
  explicit constexpr Markup(std::string_view text) noexcept : text_(text) {}

  std::string_view text_;
};

/// The only way to markup: a text that a program has read is never taken for it.
consteval Markup operator""_html(char const* text, std::size_t size) noexcept { return Markup{{text, size}}; }

/// Texts are read up to this length.
inline constexpr std::size_t longest_text = 300;

/// A piece of the document. Any text put into it is safe there, between tags and in quoted attributes: UTF-8, no control
/// characters, escaped, and cut off where more than so many bytes of the document would be needed for it.
class Html {
 public:
  Html() = default;
  Html(Markup markup) : document_(markup.text()) {}
  explicit Html(std::string_view text, std::size_t limit = longest_text) { add_text(text, limit); }

  /// Joins markup, text, numbers, and other pieces, one after the other.
  template <class... Parts>
  [[nodiscard]] static Html of(Parts const&... parts) {
    Html all;
    (all.add(parts), ...);
    return all;
  }
  Html& operator+=(Html const& other) {
    document_.append(other.document_);
    return *this;
  }

  [[nodiscard]] bool empty() const noexcept { return document_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return document_.size(); }
  /// Returns what is sent.
  [[nodiscard]] std::string const& document() const& noexcept { return document_; }
  [[nodiscard]] std::string document() && noexcept { return std::move(document_); }

 private:
  void add(Html const& other) { document_.append(other.document_); }
  void add(Markup markup) { document_.append(markup.text()); }
  void add(std::string_view text) { add_text(text, longest_text); }
  void add(std::uint64_t number);
  void add(int number);
  void add_text(std::string_view text, std::size_t limit);

  std::string document_{};
};

}  // namespace forksafe
