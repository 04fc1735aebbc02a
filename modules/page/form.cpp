// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

std::string_view part_before(std::string_view& rest, char separator) noexcept {
  std::string_view const part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

std::string_view without_spaces(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::optional<PageForm> parse_form(std::string_view type) noexcept {
  if (type == "text/html" || type == "text/*" || type == "*/*") return PageForm::html;
  if (type == "application/json") return PageForm::json;
  if (type == "application/openmetrics-text") return PageForm::metrics;
  return {};
}

/// Returns the quality in thousandths: the grammar has at most three digits (RFC 9110, 12.4.2).
int parse_quality(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    std::string_view const parameter = without_spaces(part_before(parameters, ';'));
    if (!parameter.starts_with("q=")) continue;
    int quality = 0;
    int weight = 1000;
    for (char const character : parameter.substr(2)) {
      if (character == '.') continue;
      if (character < '0' || character > '9') return 0;
      quality += (character - '0') * weight;
      weight /= 10;
    }
    return quality;
  }
  return 1000;
}

}  // namespace

std::string_view parameter(std::string_view query, std::string_view name) noexcept {
  while (!query.empty()) {
    std::string_view pair = part_before(query, '&');
    if (part_before(pair, '=') == name) return pair;
  }
  return {};
}

bool has_parameter(std::string_view query, std::string_view name) noexcept {
  while (!query.empty()) {
    std::string_view pair = part_before(query, '&');
    if (part_before(pair, '=') == name) return true;
  }
  return false;
}

std::string_view unknown_parameter(std::string_view query) noexcept {
  while (!query.empty()) {
    std::string_view pair = part_before(query, '&');
    std::string_view const name = part_before(pair, '=');
    if (name != "all" && name != "format" && name != "span" && !name.empty()) return name;
  }
  return {};
}

std::optional<PageForm> choose_form(std::string_view format, std::string_view accept) noexcept {
  if (format == "html") return PageForm::html;
  if (format == "content") return PageForm::content;
  if (format == "json") return PageForm::json;
  if (format == "metrics") return PageForm::metrics;
  if (!format.empty()) return {};
  PageForm best = PageForm::html;
  int best_quality = 0;
  while (!accept.empty()) {
    std::string_view range = part_before(accept, ',');
    auto const form = parse_form(without_spaces(part_before(range, ';')));
    int const quality = parse_quality(range);
    if (!form || quality <= best_quality) continue;
    best = *form;
    best_quality = quality;
  }
  return best;
}

}  // namespace forksafe
