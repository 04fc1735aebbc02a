// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/nowide/utf/convert.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
module forksafe;

import forksafe.base;

namespace json = boost::json;

namespace forksafe {

using namespace described;

namespace {

json::string text(std::string_view words) { return json::string{std::string_view{as_utf8(words)}}; }

/// The visitor that makes JSON of each kind of value.
struct ToJson {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(bool truth) const { return truth; }
  json::value operator()(std::int64_t number) const { return number; }
  json::value operator()(std::uint64_t number) const { return number; }
  json::value operator()(std::string_view words) const { return text(words); }
  json::value operator()(WallTime time) const { return text(to_text(time)); }
  json::value operator()(std::chrono::nanoseconds duration) const { return duration.count(); }
  json::value operator()(Word const& word) const { return text(word.name); }
  json::value operator()(HeardEvent const* heard) const { return (*this)(describe(*heard)); }
  json::value operator()(List const& list) const {
    json::array array;
    array.reserve(list.size());
    for (Value const& element : list) array.push_back(std::visit(*this, element.is));
    return array;
  }
  json::value operator()(Table const& table) const {
    json::array array;
    array.reserve(table.rows.size());
    for (std::vector<Value> const& row : table.rows) {
      json::object object;
      object.reserve(row.size());
      for (std::size_t column = 0; column != row.size(); ++column)
        object[table.columns[column]] = std::visit(*this, row[column].is);
      array.push_back(std::move(object));
    }
    return array;
  }
  json::value operator()(Fields const& fields) const {
    json::object object;
    object.reserve(fields.size());
    for (Field const& field : fields) object[field.name] = std::visit(*this, field.value.is);
    return object;
  }
};

/// The visitor that makes a cell of each kind of value.
struct ToCell {
  std::string operator()(std::monostate) const { return "-"; }
  std::string operator()(bool truth) const { return truth ? "yes" : "no"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(std::string_view words) const { return as_utf8(words); }
  std::string operator()(WallTime time) const { return to_text(time); }
  std::string operator()(std::chrono::nanoseconds duration) const { return std::to_string(duration.count()); }
  std::string operator()(Word const& word) const { return as_utf8(word.name); }
  std::string operator()(HeardEvent const* heard) const {
    std::string const failed = heard->failed == 0 ? "" : base::concat(" (", heard->failed, " failed)");
    return base::concat(heard->event, " x", heard->count, failed);
  }
  std::string operator()(List const& list) const {
    std::string cell;
    for (Value const& element : list) cell += (cell.empty() ? "" : ", ") + to_text(element);
    return cell;
  }
  std::string operator()(Table const& table) const { return std::to_string(table.rows.size()); }
  std::string operator()(Fields const& fields) const { return std::to_string(fields.size()); }
};

/// Returns the text as OpenMetrics has it between quotes.
std::string escaped(std::string_view text) {
  std::string result;
  for (char const character : as_utf8(text)) {
    if (character == '\n') {
      result += "\\n";
    } else {
      if (character == '\\' || character == '"') result += '\\';
      result += character;
    }
  }
  return result;
}

using Row = std::vector<std::string>;

std::string aligned(std::vector<Row> const& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (Row const& row : rows)
    for (std::size_t column = 0; column != row.size(); ++column) widths[column] = std::max(widths[column], row[column].size());
  std::string text;
  for (Row const& row : rows) {
    std::string line = " ";
    for (std::size_t column = 0; column != row.size(); ++column)
      line += " " + row[column] + std::string(widths[column] - row[column].size(), ' ') + " ";
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string format_table(Table const& table) {
  std::vector<Row> rows{{table.columns.begin(), table.columns.end()}};
  for (std::vector<Value> const& cells : table.rows)
    std::ranges::transform(cells, std::back_inserter(rows.emplace_back()), [](Value const& cell) { return to_text(cell); });
  return aligned(rows);
}

std::string format_fields(Fields const& fields, std::string const& prefix) {
  std::string text;
  for (Field const& field : fields) {
    std::string const name = prefix + std::string{field.name};
    if (auto const* const inner = std::get_if<Fields>(&field.value.is)) {
      text += format_fields(*inner, name + ".");
    } else if (auto const* const table = std::get_if<Table>(&field.value.is)) {
      text += name + (table->rows.empty() ? ": none\n" : "\n" + format_table(*table));
    } else {
      text += name + ": " + to_text(field.value) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string to_json(Report const& report) { return to_json(describe(report)); }
std::string to_json(DebugObject const& debug) { return to_json(published(debug)); }
std::string to_json(Fields const& fields) { return json::serialize(ToJson{}(fields)); }

std::string to_text(Report const& report) { return to_text(describe(report)); }
std::string to_text(DebugObject const& debug) { return to_text(describe(debug)); }
std::string to_text(Fields const& fields) { return format_fields(fields, {}); }
std::string to_text(Value const& value) { return std::visit(ToCell{}, value.is); }

Labels labels_of(Fields const& fields) {
  Labels labels;
  for (Field const& field : fields) {
    if (auto const* const text = std::get_if<std::string_view>(&field.value.is)) {
      labels[field.name] = *text;
    } else if (auto const* const word = std::get_if<Word>(&field.value.is)) {
      labels[field.name] = word->name;
    } else if (std::holds_alternative<std::monostate>(field.value.is)) {
      labels[field.name] = {};
    }
  }
  return labels;
}

std::string to_labels(Labels const& labels) {
  std::string text;
  for (auto const& [name, words] : labels) text += base::concat(text.empty() ? "{" : ",", name, "=\"", escaped(words), "\"");
  return text.empty() ? text : text + "}";
}

std::string to_text(WallTime time) {
  auto const since_epoch = std::chrono::duration_cast<std::chrono::microseconds>(std::max(time, WallTime{}).time_since_epoch());
  auto const whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  std::time_t const seconds = whole.count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  std::size_t const length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%06dZ", static_cast<int>((since_epoch - whole).count()));
  return text;
}

std::string as_utf8(std::string_view text) {
  return boost::nowide::utf::convert_string<char>(text.data(), text.data() + text.size());
}

}  // namespace forksafe
