// SPDX-License-Identifier: MIT
#pragma once
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <ostream>
#include <ratio>
#include <string_view>
#include <type_traits>

// Prints values for Boost.Test that have no operator<<: those of a failed BOOST_TEST, and the rows of tables of cases.

namespace kit {

template <class Type>
concept ScopedEnum = std::is_enum_v<Type> && !std::is_convertible_v<Type, std::underlying_type_t<Type>>;

/// An enumeration is printed by its `name_of`.
template <class Type>
concept Named = requires(Type value) { std::string_view{name_of(value)}; };

/// A row of a table of cases is printed by its name.
template <class Type>
concept Row = std::is_class_v<Type> && requires(Type const& value) { std::string_view{value.name}; };

template <class Period>
constexpr std::string_view unit_of = " units";
template <>
inline constexpr std::string_view unit_of<std::nano> = "ns";
template <>
inline constexpr std::string_view unit_of<std::micro> = "us";
template <>
inline constexpr std::string_view unit_of<std::milli> = "ms";
template <>
inline constexpr std::string_view unit_of<std::ratio<1>> = "s";
template <>
inline constexpr std::string_view unit_of<std::ratio<60>> = "min";
template <>
inline constexpr std::string_view unit_of<std::ratio<3600>> = "h";

}  // namespace kit

namespace boost::test_tools::tt_detail {

template <kit::ScopedEnum Type>
struct print_log_value<Type> {
  void operator()(std::ostream& stream, Type value) {
    if constexpr (kit::Named<Type>)
      stream << name_of(value);
    else
      stream << "number " << +static_cast<std::underlying_type_t<Type>>(value);
  }
};

template <kit::Row Type>
struct print_log_value<Type> {
  void operator()(std::ostream& stream, Type const& value) { stream << '"' << std::string_view{value.name} << '"'; }
};

template <class Number, class Period>
struct print_log_value<std::chrono::duration<Number, Period>> {
  void operator()(std::ostream& stream, std::chrono::duration<Number, Period> const& value) {
    stream << value.count() << kit::unit_of<Period>;
  }
};

template <class Clock, class Duration>
struct print_log_value<std::chrono::time_point<Clock, Duration>> {
  void operator()(std::ostream& stream, std::chrono::time_point<Clock, Duration> const& value) {
    stream << print_helper(value.time_since_epoch()) << " after the epoch";
  }
};

template <class Type>
struct print_log_value<std::optional<Type>> {
  void operator()(std::ostream& stream, std::optional<Type> const& value) {
    if (value)
      stream << print_helper(*value);
    else
      stream << "nothing";
  }
};

}  // namespace boost::test_tools::tt_detail
