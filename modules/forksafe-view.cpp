// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
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
  json::array pair{executed.hook, executed.event};
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
    return json::value(std::string_view{value});
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
    return std::string{std::string_view{value}};
  } else if constexpr (std::integral<Value>) {
    return std::to_string(value);
  } else if constexpr (std::same_as<Value, HeardEvent>) {
    return std::string{value.event} + " x" + std::to_string(value.count);
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

template <class Rows>
std::string table(Rows const& rows) {
  using Struct = std::ranges::range_value_t<Rows>;
  std::vector<Row> cells{{}};
  each_field(Struct{}, [&](std::string_view name, auto const&) { cells.front().emplace_back(name); });
  for (Struct const& row : rows) {
    cells.emplace_back();
    each_field(row, [&](std::string_view, auto const& field) { cells.back().push_back(to_cell(field)); });
  }
  return aligned(cells);
}

template <class Field>
concept Tabular = std::ranges::range<Field> && Described<std::ranges::range_value_t<Field>>;

template <class Struct>
std::string text_of(Struct const& object, std::string const& prefix = {}) {
  std::string text;
  each_field(object, [&]<class Field>(std::string_view name, Field const& field) {
    std::string const full = prefix + std::string{name};
    if constexpr (Described<Field>) {
      text += text_of(field, full + ".");
    } else if constexpr (Tabular<Field>) {
      text += full + (std::ranges::empty(field) ? ": none\n" : "\n" + table(field));
    } else {
      text += full + ": " + to_cell(field) + "\n";
    }
  });
  return text;
}

}  // namespace

std::string to_json(Report const& report) { return json::serialize(to_value(report)); }
std::string to_json(DebugObject const& debug) { return json::serialize(to_value(debug)); }
std::string to_text(Report const& report) { return text_of(report); }
std::string to_text(DebugObject const& debug) { return text_of(debug); }

}  // namespace forksafe
