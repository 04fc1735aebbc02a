// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/nowide/utf/convert.hpp>
#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
module forksafe;

namespace json = boost::json;
namespace hana = boost::hana;

namespace forksafe {
namespace {

template <class Type>
concept Described = requires { typename Type::hana_accessors_impl; };

template <class Type>
concept Textual = std::convertible_to<Type, std::string_view>;

/// The one field whose published name is no C++ identifier.
std::string_view published(std::string_view field) {
  return field == "autoconfigure_log" ? std::string_view{"autoconfigure.log"} : field;
}

template <class Visitor, Described Struct>
void each_field(Struct const& object, Visitor visitor) {
  hana::for_each(hana::accessors<Struct>(), [&](auto const& accessor) {
    visitor(published(hana::to<char const*>(hana::first(accessor))), hana::second(accessor)(object));
  });
}

template <class Value>
json::value to_value(Value const& value);

template <class Value>
json::value to_value(std::optional<Value> const& value) {
  return value ? to_value(*value) : json::value(nullptr);
}

/// A pair of hook and event, as it always was; a third element marks the failure.
json::value to_value(ExecutedHook const& executed) {
  json::array pair{std::string_view{as_utf8(executed.hook)}, std::string_view{as_utf8(executed.event)}};
  if (executed.failed) pair.emplace_back("failed");
  return pair;
}

template <class Value>
json::value to_value(Value const& value) {
  if constexpr (Described<Value>) {
    json::object object;
    each_field(value, [&](std::string_view name, auto const& field) { object[name] = to_value(field); });
    return object;
  } else if constexpr (Textual<Value>) {
    return json::value(std::string_view{as_utf8(value)});
  } else if constexpr (std::ranges::range<Value>) {
    json::array array;
    for (auto const& element : value) array.push_back(to_value(element));
    return array;
  } else {
    return json::value(value);
  }
}

template <class Value>
std::string to_cell(Value const& value) {
  if constexpr (std::same_as<Value, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (Textual<Value>) {
    return as_utf8(value);
  } else if constexpr (std::integral<Value>) {
    return std::to_string(value);
  } else if constexpr (std::same_as<Value, HeardEvent>) {
    std::string const failed = value.failed == 0 ? "" : " (" + std::to_string(value.failed) + " failed)";
    return std::string{value.event} + " x" + std::to_string(value.count) + failed;
  } else if constexpr (std::ranges::range<Value>) {
    std::string cell;
    for (auto const& element : value) cell += (cell.empty() ? "" : ", ") + to_cell(element);
    return cell;
  } else {
    return value ? to_cell(*value) : "-";
  }
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

template <class Field>
concept Tabular = std::ranges::range<Field> && Described<std::ranges::range_value_t<Field>>;

template <Tabular Rows>
ViewField table(std::string name, Rows const& rows) {
  using Struct = std::ranges::range_value_t<Rows>;
  ViewField field{std::move(name), {}, {}};
  each_field(Struct{}, [&](std::string_view column, auto const&) { field.columns.emplace_back(column); });
  for (Struct const& row : rows) {
    Row& cells = field.rows.emplace_back();
    each_field(row, [&](std::string_view, auto const& value) { cells.push_back(to_cell(value)); });
  }
  return field;
}

template <Described Struct>
void add_fields(std::vector<ViewField>& fields, Struct const& object, std::string const& prefix = {}) {
  each_field(object, [&]<class Field>(std::string_view name, Field const& field) {
    std::string full = prefix + std::string{name};
    if constexpr (Described<Field>) {
      add_fields(fields, field, full + ".");
    } else if constexpr (Tabular<Field>) {
      fields.push_back(table(std::move(full), field));
    } else {
      fields.push_back({std::move(full), {}, {{to_cell(field)}}});
    }
  });
}

template <Described Struct>
std::string text_of(Struct const& object) {
  std::vector<ViewField> fields;
  add_fields(fields, object);
  std::string text;
  for (ViewField& field : fields) {
    text += field.name;
    if (field.columns.empty()) {
      text += ": " + field.rows.front().front() + "\n";
    } else if (field.rows.empty()) {
      text += ": none\n";
    } else {
      field.rows.insert(field.rows.begin(), std::move(field.columns));
      text += "\n" + aligned(field.rows);
    }
  }
  return text;
}

}  // namespace

std::string to_json(Report const& report) { return json::serialize(to_value(report)); }
std::string to_json(DebugObject const& debug) { return json::serialize(to_value(debug)); }
std::string to_text(Report const& report) { return text_of(report); }
std::string to_text(DebugObject const& debug) { return text_of(debug); }

std::vector<ViewField> fields_of(DebugObject const& debug) {
  std::vector<ViewField> fields;
  add_fields(fields, debug);
  return fields;
}

std::string as_utf8(std::string_view text) {
  return boost::nowide::utf::convert_string<char>(text.data(), text.data() + text.size());
}

}  // namespace forksafe
