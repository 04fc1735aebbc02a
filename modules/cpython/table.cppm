// SPDX-License-Identifier: MIT
module;
#include <string_view>
export module forksafe.cpython:table;

import forksafe;
import forksafe.std;

export namespace forksafe::python {

/// The hook's name of a row as a template argument.
template <class Policy, std::size_t Row>
consteval auto hook_text() {
  char name[Policy::wiring[Row].hook.size() + 1]{};
  std::ranges::copy(Policy::wiring[Row].hook, name);
  return Text{name};
}

}  // namespace forksafe::python

namespace forksafe::python {

consteval std::size_t count_parameters(std::string_view parameters) {
  return static_cast<std::size_t>(std::ranges::count(parameters, ',')) + 1;
}

/// Returns the position of a parameter, or the number of parameters where none has this name.
constexpr std::size_t position_of(std::string_view wanted, std::string_view parameters) {
  std::size_t position = 0;
  while (!parameters.empty()) {
    std::string_view const name = parameters.substr(0, parameters.find(','));
    if (name == wanted) return position;
    parameters.remove_prefix(std::min(parameters.size(), name.size() + 1));
    parameters.remove_prefix(std::min(parameters.size(), parameters.find_first_not_of(' ')));
    ++position;
  }
  return position;
}

/// Whether the row makes an entry of the method table: the first row with parameters of each hook does.
template <class Policy>
consteval bool makes_entry(std::size_t row) {
  auto const& wiring = Policy::wiring;
  if (wiring[row].parameters.empty()) return false;
  for (std::size_t earlier = 0; earlier != row; ++earlier)
    if (wiring[earlier].hook == wiring[row].hook && !wiring[earlier].parameters.empty()) return false;
  return true;
}

template <class Policy>
consteval std::size_t count_entries() {
  std::size_t count = 0;
  for (std::size_t row = 0; row != Policy::wiring.size(); ++row) count += makes_entry<Policy>(row) ? 1 : 0;
  return count;
}

template <class Policy, std::size_t Row>
inline constexpr auto hook_name = hook_text<Policy, Row>();

template <class Policy, std::size_t Row, class Put>
consteval void write_documentation(Put put) {
  Wire const& entry = Policy::wiring[Row];
  bool const positional = !entry.parameters.starts_with('*');
  put(entry.hook), put(positional ? "($module, " : "($module, /, "), put(entry.parameters);
  put(positional ? ", /)\n--\n\n" : ")\n--\n\n");
  put(Policy::environment), put("'s hook of this name. Raises");
  std::string_view separator = " ";
  for (Wire const& wire : Policy::wiring) {
    if (wire.hook != entry.hook || wire.support == Support::absent) continue;
    put(separator), put(event_names[wire.event]), put(" ("), put(wire.process), put(")");
    separator = ", ";
  }
  put(".");
}

template <class Policy, std::size_t Row>
inline constexpr auto documentation = [] {
  constexpr std::size_t size = [] {
    std::size_t count = 1;
    write_documentation<Policy, Row>([&count](std::string_view part) { count += part.size(); });
    return count;
  }();
  std::array<char, size> text{};
  char* next = text.data();
  write_documentation<Policy, Row>([&next](std::string_view part) { next = std::ranges::copy(part, next).out; });
  return text;
}();

}  // namespace forksafe::python

export namespace forksafe::python {

/// One hook as Python sees it.
struct HookEntry {
  /// The row of the wiring that made it.
  std::size_t row{};
  char const* name = nullptr;
  /// The text signature, by which containers check a hook before they take it, and the documentation.
  char const* documentation = nullptr;
  std::string_view parameters{};
  std::size_t arity{};

  /// Returns the position of a parameter, or `arity` where the hook has none of this name.
  [[nodiscard]] constexpr std::size_t position(std::string_view parameter) const { return position_of(parameter, parameters); }
};

/// The hooks of a policy in the order of its wiring: one for each hook that has a row with parameters.
template <ContainerPolicy Policy>
inline constexpr auto hook_entries = [] {
  std::array<HookEntry, count_entries<Policy>()> entries{};
  std::size_t next = 0;
  [&]<std::size_t... Row>(std::index_sequence<Row...>) {
    (
        [&] {
          constexpr Wire const& wire = Policy::wiring[Row];
          if constexpr (makes_entry<Policy>(Row))
            entries[next++] = {Row, hook_name<Policy, Row>.characters, documentation<Policy, Row>.data(), wire.parameters,
                               count_parameters(wire.parameters)};
        }(),
        ...);
  }(std::make_index_sequence<Policy::wiring.size()>{});
  return entries;
}();

}  // namespace forksafe::python
