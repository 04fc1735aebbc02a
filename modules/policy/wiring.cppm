// SPDX-License-Identifier: MIT
export module forksafe.policy:wiring;

import :event_list;
import :process;
import forksafe.std;

export namespace forksafe {

/// How a container supports an event.
enum class Support : std::uint8_t {
  /// The container has its own hook for it.
  native,
  /// Derived from another hook or from pthread_atfork.
  emulated,
  /// It is never raised.
  absent
};

[[nodiscard]] constexpr std::string_view name_of(Support support) noexcept {
  switch (support) {
    case Support::native: return "native";
    case Support::emulated: return "emulated";
    case Support::absent: break;
  }
  return "absent";
}

/// One row of a policy's wiring: which hook raises which event, in which process.
struct Wire {
  std::size_t event{};
  /// The container's name of the hook; for an absent event the reason why it has none.
  std::string_view hook{};
  /// The processes that hear it, as in `master, worker`.
  std::string_view process{};
  Support support = Support::absent;
  /// The hook's parameters, comma separated, where the container calls it with named ones.
  std::string_view parameters{};

  /// Whether it is a row of the hook of this name.
  [[nodiscard]] constexpr bool is_of(std::string_view name) const noexcept { return are_equal(hook, name); }
};

/// Whether this process is one of those that hear the event of the row.
[[nodiscard]] constexpr bool is_heard_by(Wire const& wire, Process const& process) noexcept {
  std::string_view rest = wire.process;
  while (!rest.empty()) {
    std::size_t const end = rest.find(", ");
    std::string_view const word = rest.substr(0, end);
    if (are_equal(word, name_of(process)) || are_equal(word, name_of(process.role))) return true;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
  }
  return false;
}

/// The container itself calls `hook`.
template <ApplicationEvent Event>
consteval Wire native(std::string_view hook, std::string_view process, std::string_view parameters = {}) {
  return {event_index<Event>, hook, process, Support::native, parameters};
}

/// The binding derives the event from `hook`, which is not made for it.
template <ApplicationEvent Event>
consteval Wire emulated(std::string_view hook, std::string_view process) {
  return {event_index<Event>, hook, process, Support::emulated, {}};
}

/// The container gives no way to know; `reason` says why.
template <ApplicationEvent Event>
consteval Wire absent(std::string_view reason) {
  return {event_index<Event>, reason, {}, Support::absent, {}};
}

/// A condition that the container must be started with, and the debug object's line when it was not.
struct Requirement {
  std::string_view option;
  std::string_view complaint;
};

/// The number of rows that a wiring may have; the table of processes reserves a counter for each.
inline constexpr std::size_t wire_limit = 24;

}  // namespace forksafe
