// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
module forksafe;

import forksafe.base;

namespace forksafe {
namespace {

constexpr std::size_t longest_chain = 32;
/// The limit for all values together; each has a limit of its own.
constexpr std::size_t largest_expansion = 16 * 1024 * 1024;

std::string escaped(std::string_view text) {
  std::string result;
  for (char const character : text) result.append(character == '%' ? 2 : 1, character);
  return result;
}

/// Whether a name is a URI such as "egg:shop", which only Python can load.
bool is_foreign(std::string_view name) noexcept {
  auto const colon = name.find(':');
  return colon != name.npos && colon != 0 && std::ranges::all_of(name.substr(0, colon), base::is_letter) &&
         !name.starts_with("config:");
}

struct Location {
  std::string_view path;
  std::string_view name = "main";
};

Location parse_location(std::string_view text) noexcept {
  if (text.starts_with("config:")) text.remove_prefix(7);
  auto const hash = text.find('#');
  if (hash == text.npos) return {text};
  return {text.substr(0, hash), text.substr(hash + 1)};
}

/// The values that PasteDeploy hands to an application: those of [DEFAULT] and `set`, and those of its own section.
struct Context {
  IniValues shared;
  IniValues own;
};

struct PasteFile {
  std::string path;
  IniSections sections;
  IniValues defaults;
};

/// Follows `use` from section to section and file to file, as paste.deploy.loadwsgi does.
class Loader {
 public:
  Context load(std::string const& path, std::string_view name, IniValues const& inherited) {
    PasteFile file{path, read_ini(path), {}};
    auto const absolute = std::filesystem::absolute(path).lexically_normal();
    file.defaults = std::move(file.sections["DEFAULT"].values);
    file.defaults.try_emplace("here", IniValue{escaped(absolute.parent_path().string()), path});
    file.defaults.try_emplace("__file__", IniValue{escaped(absolute.string()), path});
    for (auto const& [key, value] : inherited) {
      file.defaults.try_emplace(key, IniValue{escaped(value.text), value.source});
    }
    return resolve(file, name, inherited);
  }

 private:
  static IniSections::value_type const& find_section(PasteFile const& file, std::string_view name) {
    constexpr std::array<std::string_view, 6> kinds{"app", "application", "composite", "composit", "pipeline", "filter-app"};
    IniSections::value_type const* found = nullptr;
    for (auto const& candidate : file.sections) {
      std::string_view const header = candidate.first;
      auto const colon = header.find(':');
      if (colon == header.npos || base::trimmed(header.substr(colon + 1)) != name) continue;
      if (std::ranges::find(kinds, header.substr(0, colon)) == kinds.end()) continue;
      if (found != nullptr) {
        throw SettingsError(candidate.second.source + ": [" + candidate.first + "] has the name of [" + found->first + "] at " +
                            found->second.source + " - rename one of them");
      }
      found = &candidate;
    }
    if (found != nullptr) return *found;
    throw SettingsError(file.path + ": has no section [app:" + std::string(name) +
                        "] - add it, or choose another: " + file.path + "#NAME");
  }

  Context resolve(PasteFile const& file, std::string_view name, IniValues const& inherited) {
    auto const& [header, section] = find_section(file, name);
    auto const step = file.path + "#" + std::string(name);
    if (std::ranges::find(chain_, step) != chain_.end() || chain_.size() == longest_chain) {
      throw SettingsError(base::concat(section.source, ": [", header, "] is used in a circle, or by a chain of more than ",
                                       longest_chain, " sections - break the chain"));
    }
    chain_.push_back(step);
    if (header.starts_with("composit")) {
      throw SettingsError(section.source + ": [" + header + "] serves several applications - choose one: " + file.path +
                          "#NAME");
    }
    IniValues additions;
    auto context = read_values(file, section.values, inherited, additions);
    bool const pipeline = header.starts_with("pipeline:");
    bool const wraps = pipeline || header.starts_with("filter-app:");
    auto const next = context.own.find(pipeline ? "pipeline" : wraps ? "next" : "use");
    if (next == context.own.end()) {
      if (!wraps) return context;
      throw SettingsError(section.source + ": [" + header + "] names no application - add '" +
                          (pipeline ? "pipeline" : "next") + " = NAME'");
    }
    if (pipeline && context.own.size() != 1) {
      throw SettingsError(section.source + ": [" + header + "] has more than its pipeline - move it to [app:NAME]");
    }
    if (pipeline) next->second.text.erase(0, next->second.text.find_last_of(" \t\n") + 1);
    auto base = follow(file, next->second, context.shared);
    if (wraps) return base;
    if (!is_foreign(next->second.text)) context.own.erase(next);
    for (auto const& [key, value] : additions) base.shared[key] = value;
    for (auto const& [key, value] : context.own) base.own[key] = value;
    base.shared["__file__"] = context.shared["__file__"];
    return base;
  }

  Context read_values(PasteFile const& file, IniValues const& section, IniValues const& inherited, IniValues& additions) {
    Context context;
    for (auto const& [key, value] : file.defaults) context.shared[key] = expanded(key, value, {}, file.defaults);
    for (auto const& [key, value] : inherited) context.shared[key] = value;
    IniValues wanted;
    auto options = section;
    options.insert(file.defaults.begin(), file.defaults.end());
    for (auto const& [key, value] : options) {
      bool const adds = key.starts_with("set ");
      bool const wants = key.starts_with("get ");
      if (!adds && !wants && file.defaults.contains(key)) continue;
      auto& values = adds ? additions : wants ? wanted : context.own;
      auto const name = adds || wants ? base::trimmed(std::string_view(key).substr(4)) : key;
      values[std::string(name)] = expanded(key, value, section, file.defaults);
    }
    for (auto const& [key, value] : additions) context.shared[key] = value;
    for (auto const& [key, value] : wanted) {
      auto const shared = context.shared.find(value.text);
      if (shared == context.shared.end()) {
        throw SettingsError(value.source + ": gets '" + value.text + "', which [DEFAULT] does not set - set it there");
      }
      context.own[key] = shared->second;
    }
    for (auto const* for_python : {"filter-with", "require"}) context.own.erase(for_python);
    return context;
  }

  Context follow(PasteFile const& file, IniValue const& target, IniValues const& inherited) try {
    if (is_foreign(target.text)) return {inherited, {}};
    if (!target.text.starts_with("config:")) return resolve(file, target.text, inherited);
    auto const location = parse_location(target.text);
    auto const path = std::filesystem::path(file.path).parent_path() / location.path;
    return load(path.lexically_normal().string(), location.name, inherited);
  } catch (SettingsError const& error) {
    throw SettingsError(std::string(error.what()) + " (used at " + target.source + ")");
  }

  IniValue expanded(std::string_view key, IniValue const& value, IniValues const& section, IniValues const& defaults) {
    auto result = interpolate(key, value, section, defaults);
    size_ += result.text.size();
    if (size_ > largest_expansion)
      throw SettingsError(value.source + ": the values grow beyond 16 MiB by their %(name)s - shorten them");
    return result;
  }

  std::vector<std::string> chain_;
  /// The size of all values that have been resolved.
  std::size_t size_ = 0;
};

}  // namespace

Settings Settings::from_file(std::string_view location) {
  auto const [path, name] = parse_location(location);
  auto [shared, own] = Loader().load(std::string(path), name, {});
  own.merge(shared);
  Settings settings;
  for (auto const& [key, value] : own) settings.settings_.emplace_back(key, value.text, value.source);
  return settings;
}

}  // namespace forksafe
