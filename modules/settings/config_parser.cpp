// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <boost/nowide/utf/utf.hpp>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
module forksafe;

import forksafe.base;

// Boost.PropertyTree reads ini files too, but knows neither continuation lines nor the line of a value.

namespace forksafe {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;
constexpr std::size_t largest_expansion = 64 * 1024;
constexpr std::string_view blanks = " \t\v\f\r\n\x1c\x1d\x1e\x1f";

[[noreturn]] void refuse(std::string const& where, std::string const& problem_and_cure) {
  throw SettingsError(where + ": " + problem_and_cure);
}

[[noreturn]] void refuse_unreadable(std::string const& path, int cause) {
  auto const reason = std::generic_category().message(cause);
  if (cause != EACCES) refuse(path, reason + " - check the path; a relative one starts at the working directory");
  refuse(path, base::concat(reason, " for user id ", ::geteuid(), " - let it read the file and its directory"));
}

/// Opens without blocking: a FIFO must not stop the start of a server.
struct File {
  explicit File(std::string const& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  ~File() { ::close(descriptor); }

  int const descriptor;
};

std::string read_bytes(std::string const& path) {
  if (path.find('\0') != path.npos) refuse_unreadable(path, EINVAL);
  File const file(path);
  struct stat status{};
  if (file.descriptor < 0 || ::fstat(file.descriptor, &status) != 0) refuse_unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) {
    refuse(path, S_ISDIR(status.st_mode) ? "is a directory - name the file" : "is not a regular file - name one");
  }
  std::string bytes;
  std::array<char, 16 * 1024> block;
  while (auto const count = ::read(file.descriptor, block.data(), block.size())) {
    if (count > 0) bytes.append(block.data(), static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) refuse_unreadable(path, errno);
    if (bytes.size() > largest_file) refuse(path, "is larger than 1 MiB - name an ini file, not data");
  }
  return bytes;
}

void require_text(std::string_view bytes, std::string const& path) {
  for (auto place = bytes.begin(); place != bytes.end();) {
    auto const start = place;
    auto const character = boost::nowide::utf::utf_traits<char>::decode(place, bytes.end());
    if (character != 0 && boost::nowide::utf::is_valid_codepoint(character)) continue;
    auto const where = path + ":" + std::to_string(1 + std::count(bytes.begin(), start, '\n'));
    refuse(where, character == 0 ? "has a NUL byte, so it is not a text - name an ini file, saved as UTF-8"
                                 : "is not UTF-8 - save the file as UTF-8");
  }
}

class Reader {
 public:
  explicit Reader(std::string const& path) : path_(path) {}

  IniSections read(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty()) {
      auto const end = std::min(text.find_first_of("\r\n"), text.size());
      where_ = path_ + ":" + std::to_string(++line_);
      take(text.substr(0, end));
      text.remove_prefix(end);
      text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, text.size()));
    }
    for (auto& [name, section] : sections_) {
      for (auto& [key, value] : section.values) value.text.erase(value.text.find_last_not_of(blanks) + 1);
    }
    return std::move(sections_);
  }

 private:
  void take(std::string_view line) {
    auto const content = base::trimmed(line, blanks);
    if (content.starts_with('#') || content.starts_with(';')) return;
    auto const indent = line.find_first_not_of(blanks);
    if (content.empty() || (value_ != nullptr && indent > indent_)) {
      if (value_ != nullptr) value_->text.append("\n").append(content);
      return;
    }
    indent_ = indent;
    auto const bracket = content.rfind(']');
    if (content.starts_with('[') && bracket != content.npos && bracket > 1) {
      open_section(std::string(content.substr(1, bracket - 1)));
    } else {
      open_value(content);
    }
  }

  void open_section(std::string const& name) {
    auto const [place, fresh] = sections_.try_emplace(name, IniSection{where_, {}});
    if (!fresh && name != "DEFAULT") {
      refuse(where_, "[" + name + "] starts here and at " + place->second.source + " - merge the two sections");
    }
    section_ = &place->second;
    value_ = nullptr;
  }

  void open_value(std::string_view content) {
    if (section_ == nullptr) refuse(where_, "text before the first section - put a line like [app:main] above it");
    auto const separator = content.find_first_of("=:");
    auto const key = base::trimmed(content.substr(0, separator), blanks);
    if (separator == content.npos || key.empty()) {
      refuse(where_, "is not a \"key = value\" - complete it, or indent it to continue the value above");
    }
    auto const [place, fresh] = section_->values.try_emplace(std::string(key), IniValue{{}, where_});
    value_ = &place->second;
    if (!fresh) refuse(where_, "'" + place->first + "' is set here and at " + value_->source + " - remove one of them");
    value_->text = base::trimmed(content.substr(separator + 1), blanks);
  }

  std::string const& path_;
  std::string where_;
  std::size_t line_ = 0;
  std::size_t indent_ = 0;
  IniSections sections_;
  IniSection* section_ = nullptr;
  IniValue* value_ = nullptr;
};

struct Interpolation {
  IniValues const& section;
  IniValues const& defaults;
  std::string result{};
  std::size_t cost = 0;

  /// Returns what is wrong with the value; nothing if all is well.
  std::string expand(std::string_view text, int depth) {
    if (depth > 10) return "leads through more than 10 %(name)s, or in a circle - shorten the way";
    for (auto percent = text.find('%'); percent != text.npos; percent = text.find('%')) {
      result += text.substr(0, percent);
      text.remove_prefix(percent);
      if (text.starts_with("%%")) {
        result += '%';
        text.remove_prefix(2);
        continue;
      }
      bool const refers = text.starts_with("%(");
      auto const end = refers ? text.find(')') : text.npos;
      if (end == text.npos || end == 2 || !text.substr(end).starts_with(")s")) {
        return "has a '%' that starts no %(name)s - write %% for a percent sign";
      }
      auto const name = text.substr(2, end - 2);
      auto const& values = section.contains(name) ? section : defaults;
      auto const place = values.find(name);
      if (place == values.end()) {
        return "refers to '" + std::string(name) + "', which neither its section nor [DEFAULT] sets - set it there";
      }
      cost += 1 + place->second.text.size();
      if (cost > largest_expansion) return "grows beyond 64 KiB by its %(name)s - shorten it";
      if (auto problem = expand(place->second.text, depth + 1); !problem.empty()) return problem;
      text.remove_prefix(end + 2);
    }
    result += text;
    return {};
  }
};

}  // namespace

IniSections read_ini(std::string const& path) {
  auto const bytes = read_bytes(path);
  require_text(bytes, path);
  return Reader(path).read(bytes);
}

IniValue interpolate(std::string_view key, IniValue const& value, IniValues const& section, IniValues const& defaults) {
  Interpolation interpolation{section, defaults};
  auto const problem = interpolation.expand(value.text, 1);
  if (!problem.empty()) refuse(value.source, "'" + std::string(key) + "' " + problem);
  return {std::move(interpolation.result), value.source};
}

}  // namespace forksafe
