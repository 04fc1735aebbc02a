// SPDX-License-Identifier: MIT
module forksafe;

import :context;
import forksafe.base;
import forksafe.policy;
import forksafe.std.operators;

namespace forksafe {
namespace {

Meaning meaning_of(std::size_t event) noexcept {
  if (event == event_index<ApplicationForkFailed>) return Meaning::fork_failed;
  return event == event_index<ApplicationWorkerExit> ? Meaning::orderly_end : Meaning::other;
}

}  // namespace

std::vector<EventHook> to_event_hooks(std::span<Wire const> wiring) {
  static_assert(wire_limit <= source_limit);
  std::vector<EventHook> event_hooks;
  for (Wire const& wire : wiring) event_hooks.push_back({event_names[wire.event], wire.hook, meaning_of(wire.event)});
  return event_hooks;
}

void DeliveryContext::record_hook(EventContext const& event_context, std::size_t event, bool failed) noexcept try {
  ExecutedHook executed{base::concat("containers.", traits.container, ".", event_context.hook, traits.hook_suffix),
                        std::string{event_names[event]}, failed};
  auto const same = std::ranges::find_if(
      executed_hooks, [&](ExecutedHook const& other) { return other.hook == executed.hook && other.event == executed.event; });
  if (same == executed_hooks.end()) {
    executed_hooks.push_back(std::move(executed));
  } else {
    same->failed = same->failed || failed;
  }
} catch (...) {
  log_line("no memory to record an executed hook");
}

void DeliveryContext::record_failure(EventContext const& event_context, std::size_t event, std::string_view subscriber,
                                     std::string_view reason) noexcept try {
  Process const& process = event_context.process;
  FailureRow failure{std::string{subscriber},
                     std::string{event_names[event]},
                     std::string{event_context.hook},
                     {process.word, process.role},
                     process.slot,
                     process.pid,
                     std::string{reason},
                     1};
  std::string const slot = failure.slot ? base::concat(" ", *failure.slot) : "";
  log_line(base::concat("subscriber ", failure.subscriber, " failed on ", failure.event, " (hook ", failure.hook, ", ",
                        name_of(failure.role), slot, ", pid ", failure.pid, "): ", failure.reason));
  // Made harmless before it is cut off: half a credential is not recognised.
  failure.reason = redacted({"reason", failure.reason, {}});
  failures.add(std::move(failure));
} catch (...) {
  log_line("a subscriber failed, and there was no memory to say more");
}

}  // namespace forksafe
