// SPDX-License-Identifier: MIT
export module forksafe:settings;

import forksafe.base;
import forksafe.std;

export namespace forksafe {

/// One value of the application's configuration and where it came from.
struct Setting {
  std::string key;
  std::string value;
  std::string source;  ///< "production.ini:12", "environment SHOP_WORKERS", "--set shop.url"
};

/// Thrown where a configuration cannot be used; what() reads "file:line: what is wrong - what to do", always in one line.
class SettingsError : public std::runtime_error {
 public:
  explicit SettingsError(std::string text);
};

/// The application's configuration: one list of settings, in which later calls replace what earlier calls said.
///
/// Owns its text and nothing else, so that it crosses a fork safely; views and pointers handed out live until the next
/// call that changes the object. Calls that only read may run in several threads at once.
class Settings {
 public:
  /// Reads what PasteDeploy gives the application at `location`: "PATH" or "PATH#NAME", for the section [app:NAME].
  ///
  /// NAME is "main" where it is left out. [pipeline:NAME] and [filter-app:NAME] stand for the application at their end;
  /// [composite:NAME] is refused, because it stands for several. [DEFAULT], `set`, `get`, %(name)s, %(here)s and
  /// `use = config:FILE#NAME` mean what they mean in Python, so that a key which [DEFAULT] has too counts in a section
  /// only as `set key`; `use = egg:...` is a plain value. Throws SettingsError.
  [[nodiscard]] static Settings from_file(std::string_view location);

  /// Takes every SHOP_KEY of an environ-like array, where `application_name` is "shop"; sets as `set` does.
  ///
  /// A key that was not set is added in lower case. A null array or an empty name adds nothing.
  void add_environment(std::string_view application_name, char const* const* environment);

  /// Replaces value and source of every key that is spelled alike, or adds `key` as it is written.
  ///
  /// Spelled alike means: but for case, and with '.', '-' and '_' as one character.
  void set(std::string_view key, std::string_view value, std::string_view source);

  /// Returns the value of exactly this key, else of the first key spelled alike.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const noexcept;

  /// Returns the same, or `fallback`: the result may be a view of the argument.
  [[nodiscard]] std::string_view get(std::string_view key, std::string_view fallback) const noexcept;

  /// Returns the same with its source; null if there is none.
  [[nodiscard]] Setting const* find(std::string_view key) const noexcept;

  /// Returns every setting, in the order of the keys.
  [[nodiscard]] std::span<Setting const> all() const noexcept;

  /// Declares that `key` is read, as in "page.path", and that nothing reads any other key that begins with "page.".
  void expect(std::string_view key);

  /// Returns a line about each setting that nothing reads, as far as `expect` has told, with the nearest key that is read.
  [[nodiscard]] std::vector<std::string> unread() const;

  /// Returns the same, once: forgets what `expect` has told.
  [[nodiscard]] std::vector<std::string> take_unread();

 private:
  std::vector<Setting> settings_;
  std::vector<std::string> expected_;
};

/// Returns the value as it may be shown: "***" where the key looks secret, else as redacted_text shows it.
[[nodiscard]] std::string redacted(Setting const& setting);

}  // namespace forksafe

namespace forksafe {

/// Returns the character that every spelling of a key has in its place.
constexpr char folded_key(char character) noexcept {
  return character == '.' || character == '-' ? '_' : base::lower(character);
}

/// The text of a key in an ini file, and its "file:line".
struct IniValue {
  std::string text;
  std::string source;
};

using IniValues = std::map<std::string, IniValue, std::less<>>;

struct IniSection {
  std::string source;
  IniValues values;
};

using IniSections = std::map<std::string, IniSection, std::less<>>;

/// Reads a file as Python's strict ConfigParser does, with case-sensitive keys; throws SettingsError.
[[nodiscard]] IniSections read_ini(std::string const& path);

/// Resolves each %(name)s of a value, from `section`, else from `defaults`; throws SettingsError.
[[nodiscard]] IniValue interpolate(std::string_view key, IniValue const& value, IniValues const& section,
                                   IniValues const& defaults);

}  // namespace forksafe
