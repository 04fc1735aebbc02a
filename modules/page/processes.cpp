// SPDX-License-Identifier: MIT
module forksafe.page;

import forksafe.std.operators;

namespace forksafe {
namespace {

bool heard(ProcessRow const& process, std::string_view event) {
  return std::ranges::any_of(process.events, [event](HeardEvent const& heard) { return heard.event == event; });
}

bool is_raised(DebugObject const& debug, std::string_view event) {
  return std::ranges::any_of(debug.wiring,
                             [event](WiringRow const& row) { return row.event == event && row.source != Support::absent; });
}

auto sort_key(ProcessRow const& process) {
  return std::tuple{process.role.role != Role::master, name_of(process.role), process.slot.value_or(0), process.born};
}

}  // namespace

std::string_view name_of(State state) noexcept {
  switch (state) {
    case State::ready: return "ready";
    case State::starting: return "starting";
    case State::alive: return "alive";
    case State::left: return "left";
    case State::died: break;
  }
  return "died";
}

bool serves(ProcessRow const& process) noexcept {
  return process.role.role != Role::master && process.role.role != Role::unknown;
}

bool share_slot(ProcessRow const& one, ProcessRow const& other) noexcept {
  return one.role == other.role && one.slot && other.slot && *one.slot == *other.slot;
}

State derive_state(ProcessRow const& process, DebugObject const& debug) {
  if (!process.alive) {
    bool const said_goodbye =
        heard(process, event_name<ApplicationWorkerExit>) || heard(process, event_name<ApplicationServerExit>);
    return said_goodbye ? State::left : State::died;
  }
  constexpr std::string_view ready = event_name<ApplicationWorkerReady>;
  if (process.role.role != Role::worker || !is_raised(debug, ready)) return State::alive;
  return heard(process, ready) ? State::ready : State::starting;
}

std::string format_place(ProcessRow const& process) {
  std::string place{name_of(process.role)};
  if (process.slot) place += " " + std::to_string(*process.slot);
  return place;
}

std::string format_title(ProcessRow const& process) {
  std::string title = format_place(process);
  if (auto const incarnation = process.incarnation.value_or(1); incarnation > 1) title += " #" + std::to_string(incarnation);
  return title;
}

ProcessRow const* find_answering(DebugObject const& debug, PageContext const& context) {
  auto const found = std::ranges::find_if(
      debug.processes, [&](ProcessRow const& process) { return process.alive && process.pid == context.process; });
  return found == debug.processes.end() ? nullptr : std::to_address(found);
}

std::vector<ProcessRow const*> in_order(DebugObject const& debug) {
  std::vector<ProcessRow const*> processes;
  for (ProcessRow const& process : debug.processes) processes.push_back(&process);
  std::ranges::sort(processes, {}, [](ProcessRow const* process) { return sort_key(*process); });
  return processes;
}

std::vector<std::size_t> by_trouble(DebugObject const& debug, PageContext const& context) {
  enum class Trouble : std::uint8_t { stands_out, not_well, well, left };
  auto const rank_trouble = [&](ProcessRow const& process) {
    if (process.alive && (!serves(process) || process.pid == context.process)) return Trouble::stands_out;
    if (std::ranges::any_of(process.events, [](HeardEvent const& heard) { return heard.failed != 0; }))
      return Trouble::not_well;
    switch (derive_state(process, debug)) {
      case State::starting:
      case State::died: return Trouble::not_well;
      case State::ready:
      case State::alive: return Trouble::well;
      case State::left: break;
    }
    return Trouble::left;
  };
  std::vector<std::pair<Trouble, std::size_t>> ranks;
  for (ProcessRow const& process : debug.processes) ranks.emplace_back(rank_trouble(process), ranks.size());
  std::ranges::sort(ranks);
  std::vector<std::size_t> order;
  for (auto const& [trouble, place] : ranks) order.push_back(place);
  return order;
}

std::vector<std::size_t> order_of_rows(std::string_view table, std::size_t rows, DebugObject const& debug,
                                       PageContext const& context) {
  if (table == "processes") return by_trouble(debug, context);
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), std::size_t{});
  if (table == "incidents" || table == "failures" || table == "journal.records") std::ranges::reverse(order);
  return order;
}

std::uint64_t record_number(JournalView const& journal, std::size_t record) noexcept {
  return journal.written + 1 + record - journal.records.size();
}

}  // namespace forksafe
