// SPDX-License-Identifier: MIT
module;
#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/unpack.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
module forksafe;

import forksafe.audit;

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

template <class Struct>
consteval bool is_described_whole() {
  if constexpr (Described<Struct>) {
    return hana::unpack(hana::accessors<Struct>(), [](auto const&... accessor) {
      if constexpr (std::is_void_v<BaseOf<Struct>>) {
        return is_all_of<Struct, decltype(hana::second(accessor)(std::declval<Struct const&>()))...>;
      } else {
        return is_all_of<Struct, BaseOf<Struct> const&, decltype(hana::second(accessor)(std::declval<Struct const&>()))...>;
      }
    });
  } else {
    return is_all_of<Struct, BaseOf<Struct> const&>;
  }
}

static_assert(is_described_whole<Process>(), "each member is described");
static_assert(is_described_whole<EventContext>(), "each member is described");
static_assert(is_described_whole<ChildEventContext>(), "each member is described");

/// Returns the published name of a field, which differs for the one that is not a C++ identifier.
std::string_view to_key(std::string_view field) {
  return field == "autoconfigure_log" ? std::string_view{"autoconfigure.log"} : field;
}

template <class Struct, class Visitor>
void each_field(Struct const& object, Visitor visitor) {
  static_assert(is_described_whole<Struct>(), "each member is described");
  hana::for_each(hana::accessors<Struct>(), [&](auto const& accessor) {
    visitor(to_key(hana::to<char const*>(hana::first(accessor))), hana::second(accessor)(object));
  });
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
Fields describe_fields(Struct const& object);

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
    Table table;
    each_field(Row{}, [&](std::string_view column, auto const&) { table.columns.push_back(column); });
    table.rows.reserve(value.size());
    for (Row const& row : value) {
      std::vector<Value>& cells = table.rows.emplace_back();
      cells.reserve(table.columns.size());
      each_field(row, [&](std::string_view, auto const& cell) { cells.push_back(describe_value(cell)); });
    }
    return {std::move(table)};
  } else if constexpr (Several<Type>) {
    List list;
    for (auto const& element : value) list.push_back(describe_value(element));
    return {std::move(list)};
  } else {
    return value ? describe_value(*value) : Value{};
  }
}

template <class Struct>
Fields describe_fields(Struct const& object) {
  Fields fields;
  each_field(object, [&](std::string_view name, auto const& field) { fields.push_back({name, describe_value(field)}); });
  return fields;
}

/// Describes these members only.
template <class Struct, class... Members>
Fields only(Struct const& object, Members Struct::*... wanted) {
  Fields fields;
  each_field(object, [&](std::string_view name, auto const& field) {
    void const* const place = &field;
    if (((place == &(object.*wanted)) || ...)) fields.push_back({name, describe_value(field)});
  });
  return fields;
}

/// Describes a process, by only that one of its two names that people use.
Fields describe_fields(Process const& process) {
  Fields fields;
  each_field(process, [&](std::string_view name, auto const& field) {
    if (name == "role") return fields.push_back({name, {Word{name_of(process)}}});
    if (name != "word") fields.push_back({name, describe_value(field)});
  });
  return fields;
}

/// Leaves out the registry, which is not a value, and the process that hears an event, which is what the event is about.
template <class Struct>
void add_event(Fields& fields, Struct const& event) {
  if constexpr (!std::is_void_v<BaseOf<Struct>>) add_event<BaseOf<Struct>>(fields, event);
  if constexpr (Described<Struct>) {
    each_field(event, [&]<class Member>(std::string_view name, Member const& member) {
      if constexpr (std::same_as<Member, Process> && std::same_as<Struct, EventContext>) {
        for (Field& field : describe_fields(member)) fields.push_back(std::move(field));
      } else if constexpr (std::same_as<Member, Process>) {
        fields.push_back({name, {describe_fields(member)}});
      } else if constexpr (!std::is_pointer_v<Member>) {
        fields.push_back({name, describe_value(member)});
      }
    });
  } else {
    static_assert(is_described_whole<Struct>(), "each member is described");
  }
}

}  // namespace

Fields describe(Report const& report) { return describe_fields(report); }
Fields describe(DebugObject const& debug) { return describe_fields(debug); }
Fields published(DebugObject const& debug) {
  List pairs;
  for (ExecutedHook const& executed : debug.executed_hooks) {
    List pair{{std::string_view{executed.hook}}, {std::string_view{executed.event}}};
    if (executed.failed) pair.push_back({std::string_view{"failed"}});
    pairs.push_back({std::move(pair)});
  }
  Fields fields = describe_fields(debug);
  for (Field& field : fields)
    if (field.name == "executed_hooks") field.value = {std::move(pairs)};
  return fields;
}
Fields describe(DebugBasics const& basics) { return describe_fields(basics); }
Fields describe(HeardEvent const& heard) { return describe_fields(heard); }

Labels labels_of(HeardEvent const& heard) { return labels_of(describe(heard)); }
Labels labels_of(ProcessRow const& process) { return labels_of(only(process, &ProcessRow::role)); }
Labels labels_of(DepartedRow const& departed) { return labels_of(only(departed, &DepartedRow::role)); }
Labels labels_of(FindingRow const& finding) { return labels_of(only(finding, &FindingRow::severity)); }
Labels labels_of(DebugObject const& debug) { return labels_of(only(debug, &DebugObject::status, &DebugObject::environment)); }

Fields describe(std::size_t event, EventContext const& context) {
  Fields fields{{"event", {event_names[event]}}};
  if (context.late) {
    add_event<EventContext>(fields, context);
    return fields;
  }
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    static_cast<void>(
        ((Index == event && (add_event<EventAt<Index>>(fields, static_cast<EventAt<Index> const&>(context)), true)) || ...));
  }(std::make_index_sequence<event_count>{});
  return fields;
}

}  // namespace forksafe
