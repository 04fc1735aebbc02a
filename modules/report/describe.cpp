// SPDX-License-Identifier: MIT
module;
#include <algorithm>
#include <array>
#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/pair.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/tuple.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
module forksafe;

import forksafe.audit;
import forksafe.std;

// Each member once, in the order of its struct; all views are made from this. What a base describes is not repeated.
BOOST_HANA_ADAPT_STRUCT(forksafe::WiringRow, event, hook, process, source);
BOOST_HANA_ADAPT_STRUCT(forksafe::SubscriberRow, name, phase, events);
BOOST_HANA_ADAPT_STRUCT(forksafe::Report, status, environment, autoconfigure_log, wiring, subscribers, requirements);
BOOST_HANA_ADAPT_STRUCT(forksafe::ExecutedHook, hook, event, failed);
BOOST_HANA_ADAPT_STRUCT(forksafe::FailureRow, subscriber, event, hook, role, slot, pid, reason, times);
BOOST_HANA_ADAPT_STRUCT(forksafe::SubscribedRow, name, phase, events, at_run_time);
BOOST_HANA_ADAPT_STRUCT(forksafe::HeardEvent, event, hook, count, failed);
BOOST_HANA_ADAPT_STRUCT(forksafe::ProcessRow, role, slot, incarnation, pid, parent, forked, born, gone, alive, events);
BOOST_HANA_ADAPT_STRUCT(forksafe::DepartedRow, role, processes, events);
BOOST_HANA_ADAPT_STRUCT(forksafe::JournalRow, time, role, slot, incarnation, pid, event, hook, subscriber, nanoseconds,
                        outcome);
BOOST_HANA_ADAPT_STRUCT(forksafe::JournalView, written, dropped, torn, records);
BOOST_HANA_ADAPT_STRUCT(forksafe::IncidentRow, time, what, role, slot, pid, event, hook, subscriber, times);
BOOST_HANA_ADAPT_STRUCT(forksafe::FindingRow, severity, hazard, what, where_from, why, repair);
BOOST_HANA_ADAPT_STRUCT(forksafe::SettingRow, key, value, source);
BOOST_HANA_ADAPT_STRUCT(forksafe::DebugBasics, status, environment, autoconfigure_log, executed_hooks);
BOOST_HANA_ADAPT_STRUCT(forksafe::DebugObject, status, environment, autoconfigure_log, executed_hooks, failures,
                        failures_dropped, last_failed_call, wiring, subscribers, requirements, processes, departed, settings,
                        unannounced_forks, audited, findings, incidents, journal);
BOOST_HANA_ADAPT_STRUCT(forksafe::Process, role, pid, parent, slot, incarnation, word);
BOOST_HANA_ADAPT_STRUCT(forksafe::EventContext, registry, container, hook, process, forked, app_loaded, respawn, late);
BOOST_HANA_ADAPT_STRUCT(forksafe::ChildEventContext, child);
BOOST_HANA_ADAPT_STRUCT(forksafe::ApplicationForkFailed, error);
BOOST_HANA_ADAPT_STRUCT(forksafe::ApplicationWorkerReaped, status);

namespace hana = boost::hana;

namespace forksafe {

using namespace described;

namespace {

template <class Type>
concept Described = hana::Struct<Type>::value;

/// The struct that an event's description begins with.
template <class Struct>
using BaseOf = std::conditional_t<
    std::derived_from<Struct, ChildEventContext> && !std::same_as<Struct, ChildEventContext>, ChildEventContext,
    std::conditional_t<std::derived_from<Struct, EventContext> && !std::same_as<Struct, EventContext>, EventContext, void>>;

/// Whether the members are all that the struct has, in their order.
template <class Struct, class... Members>
constexpr bool is_all_of =
    requires { Struct{std::declval<Members>()...}; } && !requires { Struct{std::declval<Members>()..., {}}; };

/// Returns the published name of a field, which differs for the one that is not a C++ identifier.
std::string_view to_key(std::string_view field) {
  return field == "autoconfigure_log" ? std::string_view{"autoconfigure.log"} : field;
}

/// A member of one object. What is done with all members is done by plain functions: the compiler would repeat a template for
/// each of so many.
struct Member {
  std::string_view name;
  void const* place;
  /// Null for the registry of an event, which is not a value.
  Value (*describe)(void const*);
};

template <class Type>
Value describe_value(Type const& value);
Fields describe_fields(Process const& process);

template <class Type>
Member member(char const* field, Type const& value) {
  if constexpr (std::same_as<Type, Registry*>) {
    return {field, &value, nullptr};
  } else {
    return {to_key(field), &value, [](void const* place) { return describe_value(*static_cast<Type const*>(place)); }};
  }
}

template <class Struct, class... Names, class... Accessors>
auto members_of(Struct const& object, hana::tuple<hana::pair<Names, Accessors>...> const&) {
  if constexpr (std::is_void_v<BaseOf<Struct>>) {
    static_assert(is_all_of<Struct, decltype(Accessors{}(object))...>, "each member is described");
  } else {
    static_assert(is_all_of<Struct, BaseOf<Struct> const&, decltype(Accessors{}(object))...>, "each member is described");
  }
  return std::array{member(Names::c_str(), Accessors{}(object))...};
}

template <class Struct>
auto members_of(Struct const& object) {
  return members_of(object, hana::accessors<Struct>());
}

void add_fields(Fields& fields, std::span<Member const> members) {
  for (Member const& member : members)
    if (member.describe != nullptr) fields.push_back({member.name, member.describe(member.place)});
}

std::vector<std::string_view> columns_of(std::span<Member const> members) {
  std::vector<std::string_view> columns;
  columns.reserve(members.size());
  for (Member const& member : members) columns.push_back(member.name);
  return columns;
}

void add_row(Table& table, std::span<Member const> members) {
  std::vector<Value>& cells = table.rows.emplace_back();
  cells.reserve(members.size());
  for (Member const& member : members) cells.push_back(member.describe(member.place));
}

template <class Value>
concept Textual = std::convertible_to<Value, std::string_view>;

template <class Value>
concept Several = std::ranges::range<Value> && !Textual<Value>;

template <class Rows>
concept Tabular =
    Several<Rows> && Described<std::ranges::range_value_t<Rows>> && !std::same_as<std::ranges::range_value_t<Rows>, HeardEvent>;

/// Returns plain for an enumeration without good and bad values.
template <class Enumeration>
Level level_of(Enumeration) noexcept {
  return Level::plain;
}

template <class Struct>
Fields describe_fields(Struct const& object) {
  Fields fields;
  add_fields(fields, members_of(object));
  return fields;
}

template <class Type>
Value describe_value(Type const& value) {
  if constexpr (std::same_as<Type, HeardEvent>) {
    return {&value};
  } else if constexpr (std::same_as<Type, ProcessKind>) {
    return {Word{name_of(value)}};
  } else if constexpr (std::is_enum_v<Type>) {
    return {Word{name_of(value), level_of(value)}};
  } else if constexpr (Described<Type>) {
    return {describe_fields(value)};
  } else if constexpr (Textual<Type>) {
    return {std::string_view{value}};
  } else if constexpr (std::same_as<Type, bool> || std::same_as<Type, WallTime> ||
                       std::same_as<Type, std::chrono::nanoseconds>) {
    return {value};
  } else if constexpr (std::signed_integral<Type>) {
    return {std::int64_t{value}};
  } else if constexpr (std::unsigned_integral<Type>) {
    return {std::uint64_t{value}};
  } else if constexpr (Tabular<Type>) {
    using Row = std::ranges::range_value_t<Type>;
    Table table{columns_of(members_of(Row{})), {}};
    table.rows.reserve(value.size());
    for (Row const& row : value) add_row(table, members_of(row));
    return {std::move(table)};
  } else if constexpr (Several<Type>) {
    List list;
    for (auto const& element : value) list.push_back(describe_value(element));
    return {std::move(list)};
  } else {
    return value ? describe_value(*value) : Value{};
  }
}

/// Describes these members only.
Fields only(std::span<Member const> members, std::initializer_list<void const*> wanted) {
  Fields fields;
  for (Member const& member : members)
    if (std::ranges::find(wanted, member.place) != wanted.end()) add_fields(fields, {&member, 1});
  return fields;
}

/// Describes a process, by only that one of its two names that people use.
Fields describe_fields(Process const& process) {
  Fields fields;
  for (Member const& member : members_of(process)) {
    if (member.place == &process.word) continue;
    bool const is_role = member.place == &process.role;
    fields.push_back({member.name, is_role ? Value{Word{name_of(process)}} : member.describe(member.place)});
  }
  return fields;
}

/// Describes the process that hears an event, which is what the event is about, as if its members were the event's.
void add_event(Fields& fields, EventContext const& event) {
  for (Member const& member : members_of(event)) {
    if (member.place == &event.process) {
      for (Field& field : describe_fields(event.process)) fields.push_back(std::move(field));
    } else {
      add_fields(fields, {&member, 1});
    }
  }
}

template <class Struct>
  requires(!std::is_void_v<BaseOf<Struct>>)
void add_event(Fields& fields, Struct const& event) {
  add_event(fields, static_cast<BaseOf<Struct> const&>(event));
  if constexpr (Described<Struct>) {
    add_fields(fields, members_of(event));
  } else {
    static_assert(is_all_of<Struct, BaseOf<Struct> const&>, "each member is described");
  }
}

}  // namespace

Fields describe(Report const& report) { return describe_fields(report); }
Fields describe(DebugObject const& debug) { return describe_fields(debug); }
Fields published(DebugObject const& debug) {
  List pairs;
  for (ExecutedHook const& executed : debug.executed_hooks) {
    List pair;
    pair.push_back({std::string_view{executed.hook}});
    pair.push_back({std::string_view{executed.event}});
    if (executed.failed) pair.push_back({std::string_view{"failed"}});
    pairs.push_back({std::move(pair)});
  }
  Fields fields = describe_fields(debug);
  std::ranges::find(fields, "executed_hooks", &Field::name)->value = {std::move(pairs)};
  return fields;
}
Fields describe(DebugBasics const& basics) { return describe_fields(basics); }
Fields describe(HeardEvent const& heard) { return describe_fields(heard); }

Labels labels_of(HeardEvent const& heard) { return labels_of(describe(heard)); }
Labels labels_of(ProcessRow const& process) { return labels_of(only(members_of(process), {&process.role})); }
Labels labels_of(DepartedRow const& departed) { return labels_of(only(members_of(departed), {&departed.role})); }
Labels labels_of(FindingRow const& finding) { return labels_of(only(members_of(finding), {&finding.severity})); }
Labels labels_of(DebugObject const& debug) { return labels_of(only(members_of(debug), {&debug.status, &debug.environment})); }

Fields describe(std::size_t event, EventContext const& context) {
  Fields fields;
  fields.push_back({"event", {event_names[event]}});
  if (context.late) {
    add_event(fields, context);
    return fields;
  }
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    static_cast<void>(((Index == event && (add_event(fields, static_cast<EventAt<Index> const&>(context)), true)) || ...));
  }(std::make_index_sequence<event_count>{});
  return fields;
}

}  // namespace forksafe
