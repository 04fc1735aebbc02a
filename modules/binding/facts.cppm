// SPDX-License-Identifier: MIT
export module forksafe.binding:facts;

import forksafe.policy;
import forksafe.std;

export namespace forksafe::binding {

/// The facts that the call of a hook tells; each event takes those that it has a place for.
struct Facts {
  /// The process that hears it.
  Process process{};
  /// The process that an event of the parent is about.
  Process child{};
  /// Whether a fork really made this process.
  bool forked = false;
  /// Whether the container has loaded its application in this process.
  bool app_loaded = true;
  /// Whether an earlier hook should have told of it.
  bool late = false;
  /// The wait status of a child that is gone.
  std::optional<int> status{};
  /// The errno of a fork that failed.
  int error = 0;
};

/// Returns the event, filled.
template <ApplicationEvent Event>
[[nodiscard]] constexpr Event make_event(Facts const& facts) noexcept {
  Event event{};
  event.process = facts.process;
  event.forked = facts.forked;
  event.app_loaded = facts.app_loaded;
  event.late = facts.late;
  if constexpr (requires { event.child; }) event.child = facts.child;
  if constexpr (requires { event.status; }) event.status = facts.status;
  if constexpr (requires { event.error; }) event.error = facts.error;
  return event;
}

}  // namespace forksafe::binding
