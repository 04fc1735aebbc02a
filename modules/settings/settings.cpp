// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

/// Returns the character of a name in that of an environment variable.
char shouted(char character) noexcept {
  return base::is_letter(character) || base::is_digit(character) ? base::upper(character) : '_';
}

bool spelled_alike(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, folded_key, folded_key);
}

}  // namespace

// A byte of zero would end what() before the cure, and a line break would begin a line of its own in a log.
SettingsError::SettingsError(std::string text)
    : runtime_error((std::ranges::replace_if(text, [](unsigned char one) { return one < ' ' || one == 127; }, '?'), text)) {}

void Settings::add_environment(std::string_view application_name, char const* const* environment) {
  if (application_name.empty() || environment == nullptr) return;
  std::string prefix;
  for (char const character : application_name) prefix += shouted(character);
  prefix += '_';
  for (; *environment != nullptr; ++environment) {
    std::string_view const variable = *environment;
    auto const equals = variable.find('=');
    if (equals == variable.npos || equals <= prefix.size() || !variable.starts_with(prefix)) continue;
    auto const name = variable.substr(0, equals);
    std::string key;
    for (char const character : name.substr(prefix.size())) key += folded_key(character);
    set(key, variable.substr(equals + 1), "environment " + std::string(name));
  }
}

void Settings::set(std::string_view key, std::string_view value, std::string_view source) {
  Setting fresh{std::string(key), std::string(value), std::string(source)};
  bool found = false;
  for (auto& setting : settings_) {
    if (!spelled_alike(setting.key, key)) continue;
    setting.value = fresh.value;
    setting.source = fresh.source;
    found = true;
  }
  if (found) return;
  auto const place = std::ranges::lower_bound(settings_, key, {}, &Setting::key);
  settings_.insert(place, std::move(fresh));
}

Setting const* Settings::find(std::string_view key) const noexcept {
  auto found = std::ranges::find(settings_, key, &Setting::key);
  if (found == settings_.end()) {
    found = std::ranges::find_if(settings_, [key](Setting const& setting) { return spelled_alike(setting.key, key); });
  }
  return found == settings_.end() ? nullptr : &*found;
}

std::optional<std::string_view> Settings::get(std::string_view key) const noexcept {
  if (auto const* setting = find(key)) return setting->value;
  return std::nullopt;
}

std::string_view Settings::get(std::string_view key, std::string_view fallback) const noexcept {
  return get(key).value_or(fallback);
}

std::span<Setting const> Settings::all() const noexcept { return settings_; }

}  // namespace forksafe
