// SPDX-License-Identifier: MIT
export module forksafe:context;

import :deadline;
import :failures;
import :inheritance;
import :late;
import :registry;
import :report;
import :subscriber;
import :traits;
import forksafe.journal;
import forksafe.policy;
import forksafe.std;

namespace forksafe {

/// Returns, for the journal, which hook raises which event.
[[nodiscard]] std::vector<EventHook> to_event_hooks(std::span<Wire const> wiring);

/// Counts the forks on the way to this process of a container none of whose hooks was called.
[[nodiscard]] std::uint64_t unheard_forks() noexcept;

/// The data that all deliveries of one process read and write. It belongs to the application and lives as long.
struct DeliveryContext {
  ApplicationTraits traits;
  Registry& registry;
  Journal journal;
  LateSubscribers late{};
  PassedEvents passed{};
  Failures failures{};
  std::vector<ExecutedHook> executed_hooks{};
  Inheritance inheritance{};
  StartLimit start_limit{};
  /// The choice made at run time, where the list of components does not decide it.
  std::optional<Failure> on_failure{};
  /// Whether ApplicationPreFork was heard and no event that undoes it.
  bool fork_announced = false;

  /// Whether a worker that failed must not serve.
  [[nodiscard]] bool is_closed() const noexcept { return on_failure.value_or(traits.on_failure) == Failure::closed; }
  /// Returns the number by which the journal knows the kind of a process.
  [[nodiscard]] std::uint8_t kind(Process const& process) const noexcept { return kind_of(process, traits.processes); }

  /// Records for the debug object that a subscriber has heard the event from this hook.
  void record_hook(EventContext const& event_context, std::size_t event, bool failed) noexcept;
  /// Records for the debug object and the log.
  void record_failure(EventContext const& event_context, std::size_t event, std::string_view subscriber,
                      std::string_view reason) noexcept;
};

}  // namespace forksafe
