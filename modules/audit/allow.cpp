// SPDX-License-Identifier: MIT
module forksafe.audit;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

struct Entry {
  AllowedThing thing{};
  std::string pattern;
  std::string reason;
};

constexpr std::array<std::string_view, 5> words{"path", "socket", "thread", "owner", "signal"};

/// Never destroyed: children run the exit handlers of their parents.
constinit std::vector<Entry>* allowed = nullptr;

[[noreturn]] void refuse(std::string_view entry, std::string_view reason) {
  throw std::invalid_argument{"'" + std::string{entry} + "' allows nothing: " + std::string{reason}};
}

Entry parse(std::string_view text) {
  auto const end = text.find(": ");
  std::string_view const reason = end == text.npos ? std::string_view{} : base::trimmed(text.substr(end + 2));
  if (reason.empty()) refuse(text, "say why, as in `thread poller: only the master polls`");
  std::string_view const matcher = text.substr(0, end);
  auto const space = std::min(matcher.find(' '), matcher.size());
  auto const word = std::ranges::find(words, matcher.substr(0, space));
  if (word == words.end()) refuse(text, "begin with path, socket, thread, owner or signal");
  std::string_view const pattern = base::trimmed(matcher.substr(space));
  if (pattern.empty()) refuse(text, "name it, or what it begins and ends with, around a `*`");
  if (std::ranges::count(pattern, '*') > 1) refuse(text, "a pattern has one `*` at most");
  return {static_cast<AllowedThing>(word - words.begin()), std::string{pattern}, std::string{reason}};
}

bool fits(std::string_view pattern, std::string_view text) {
  auto const star = pattern.find('*');
  if (star == pattern.npos) return text == pattern;
  std::string_view const begin = pattern.substr(0, star), end = pattern.substr(star + 1);
  return text.size() >= begin.size() + end.size() && text.starts_with(begin) && text.ends_with(end) &&
         // A path that climbs out of where the pattern begins.
         text.find("/../") == text.npos;
}

}  // namespace

void audit_allow(std::string_view entries) {
  std::vector<Entry> read;
  while (!entries.empty()) {
    std::string_view const text = entries.substr(0, entries.find_first_of(";\n"));
    entries.remove_prefix(std::min(text.size() + 1, entries.size()));
    if (!base::trimmed(text).empty()) read.push_back(parse(base::trimmed(text)));
  }
  if (allowed == nullptr) allowed = new std::vector<Entry>;
  allowed->insert(allowed->end(), std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
}

std::string_view reason_to_allow(AllowedThing thing, std::string_view text) {
  if (allowed == nullptr || text.empty()) return {};
  auto const found =
      std::ranges::find_if(*allowed, [&](Entry const& entry) { return entry.thing == thing && fits(entry.pattern, text); });
  return found == allowed->end() ? std::string_view{} : std::string_view{found->reason};
}

}  // namespace forksafe
