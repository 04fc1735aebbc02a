// SPDX-License-Identifier: MIT
module forksafe;

import forksafe.base;
import forksafe.std.operators;

namespace forksafe {
namespace {

char folded(char character) noexcept { return character == '_' ? '-' : base::lower(character); }

/// Returns where the authority of `http://host/path` begins; 0 for a target of another form.
std::size_t authority_begin(std::string_view target) noexcept {
  for (std::string_view const scheme : {"http://", "https://"})
    if (same_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  return 0;
}

}  // namespace

bool same_header(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, folded, folded);
}

bool same_ignoring_case(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, base::lower, base::lower);
}

Target parse_target(std::string_view target) noexcept {
  Target parts{};
  if (std::size_t const begin = authority_begin(target); begin != 0) {
    target.remove_prefix(begin);
    parts.authority = target.substr(0, target.find_first_of("/?#"));
    target.remove_prefix(parts.authority.size());
    if (!target.starts_with('/')) parts.path = "/";
  }
  auto const mark = std::min(target.find('?'), target.size());
  if (parts.path.empty()) parts.path = target.substr(0, mark);
  if (mark != target.size()) parts.query = target.substr(mark + 1);
  return parts;
}

std::string_view RequestSource::path() { return parse_target(target()).path; }

std::string_view RequestSource::query() { return parse_target(target()).query; }

std::string_view RequestSource::header(std::string_view name) {
  for (HeaderView const& header : headers())
    if (same_ignoring_case(header.name, name)) return header.value;
  return {};
}

}  // namespace forksafe
