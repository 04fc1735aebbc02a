// SPDX-License-Identifier: MIT
export module forksafe:name;

import forksafe.journal;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// A text that is shortened where it stands.
struct Shortening {
  char* text;
  std::size_t size;

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, size}; }

  /// Puts `replacement`, which is not longer, in the place of `length` characters.
  constexpr void replace(std::size_t begin, std::size_t length, std::string_view replacement) noexcept {
    for (std::size_t index = 0; index != replacement.size(); ++index) text[begin + index] = replacement[index];
    std::size_t const less = length - replacement.size();
    for (std::size_t index = begin + length; index != size; ++index) text[index - less] = text[index];
    size -= less;
  }

  [[nodiscard]] constexpr bool begins_name(std::size_t index) const noexcept {
    if (index == 0) return true;
    char const before = text[index - 1];
    bool const in_name = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
                         (before >= '0' && before <= '9') || before == '_' || before == ':';
    return !in_name;
  }

  constexpr void drop_namespace(std::string_view qualifier) noexcept {
    for (std::size_t index = 0; index < size; ++index)
      while (index < size && text[index] == qualifier[0] && begins_name(index) && view().substr(index).starts_with(qualifier))
        replace(index, qualifier.size(), {});
  }

  /// Leaves the file name of the place of a lambda expression, which is enough.
  constexpr void drop_folders() noexcept {
    constexpr std::string_view place = "(lambda at ";
    for (std::size_t begin = view().find(place); begin != std::string_view::npos; begin = view().find(place, begin)) {
      begin += place.size();
      std::size_t const end = view().find(':', begin);
      std::size_t const slash = end == std::string_view::npos ? end : view().substr(0, end).rfind('/');
      if (slash != std::string_view::npos && slash >= begin) replace(begin, slash + 1 - begin, {});
    }
  }

  /// Puts dots into the innermost brackets. Returns false if there are none.
  constexpr bool elide_innermost() noexcept {
    std::size_t deepest = 0;
    std::size_t found = 0;
    std::size_t length = 0;
    for (std::size_t index = 0, depth = 0, open = 0; index != size; ++index) {
      if (text[index] == '<') {
        ++depth;
        open = index + 1;
      } else if (text[index] == '>' && depth != 0) {
        if (depth > deepest && index > open + 3) {
          deepest = depth;
          found = open;
          length = index - open;
        }
        --depth;
        open = index + 1;
      }
    }
    if (deepest == 0) return false;
    replace(found, length, "...");
    return true;
  }

  constexpr void shorten() noexcept {
    drop_namespace("forksafe::");
    drop_namespace("std::");
    drop_namespace("__cxx11::");
    drop_folders();
    while (size > subscriber_limit && elide_innermost()) {}
    if (size > subscriber_limit) replace(0, size - subscriber_limit + 3, "...");
  }
};

template <std::size_t Capacity>
struct NameOf {
  char text[Capacity]{};
  std::size_t size = Capacity;

  consteval explicit NameOf(std::string_view full) {
    for (std::size_t index = 0; index != Capacity; ++index) text[index] = full[index];
    Shortening shortening{text, Capacity};
    shortening.shorten();
    size = shortening.size;
  }
};

template <class Type>
inline constexpr NameOf<type_name<Type>().size()> short_name_characters{type_name<Type>()};

/// The name by which every view shows a type: without the namespaces `forksafe` and `std`, and short enough for the
/// journal. Where it would be too long, the innermost template arguments are left out:
/// `Reseed<RandomEngine<mersenne_twister_engine<...>>>`.
template <class Type>
inline constexpr std::string_view short_name{short_name_characters<Type>.text, short_name_characters<Type>.size};

/// Returns the same for a name that is known at run time only.
[[nodiscard]] std::string short_name_of(std::string name);

}  // namespace forksafe
