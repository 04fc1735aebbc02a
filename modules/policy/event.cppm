// SPDX-License-Identifier: MIT
export module forksafe.policy:event;

import :process;
import forksafe.std;

// Defined in the module forksafe, whose events hand it on: attached to no module, so that it is one class.
extern "C++" {
export namespace forksafe {
class Registry;
}
}

export namespace forksafe {

/// The properties of an event; each struct below has one, named `nature`.
struct EventNature {
  /// A process hears it at most once, and a subscriber added afterwards hears it at once, marked late.
  bool heard_once = false;
  /// It must have succeeded before a worker may serve.
  bool guards_serving = false;
  /// It tears down: heard in the reverse of the order of the events that build up.
  bool in_reverse = false;
};

/// The facts that every event carries. Valid during the call only; the registry outlives it.
struct EventContext {
  /// The application's name, settings and services. Null where the application is not loaded in this process.
  Registry* registry = nullptr;
  /// The policy's name.
  std::string_view container{};
  /// The hook that the container called, as in `post_fork`.
  std::string_view hook{};
  /// The process that hears the event.
  Process process{};
  /// Whether a fork really made this process: false in a container that never forked.
  bool forked = false;
  /// Whether the container has loaded its application in this process.
  bool app_loaded = true;
  /// Whether this process replaces an earlier one in its slot.
  bool respawn = false;
  /// Whether the subscriber was added after the event had passed, and hears of it now.
  bool late = false;
};

/// An event in the parent about one child.
struct ChildEventContext : EventContext {
  /// The child's role, slot and incarnation as far as known; its pid is 0 while there is no child.
  Process child{};
};

/// Raised in the parent, before each fork of a worker: flush, close, stop threads, take locks.
struct ApplicationPreFork : ChildEventContext {
  static constexpr EventNature nature{.in_reverse = true};
};

/// Raised in the child, as early as its identity is known: drop what was inherited, reseed, recreate.
struct ApplicationPostFork : EventContext {
  static constexpr EventNature nature{.heard_once = true, .guards_serving = true};
};

/// Raised in the child, after the application is loaded in it: warm up, start threads.
struct ApplicationPostWorkerInit : EventContext {
  static constexpr EventNature nature{.heard_once = true, .guards_serving = true};
};

/// Raised in the parent, after each fork: undo what ApplicationPreFork did.
struct ApplicationPostForkParent : ChildEventContext {
  static constexpr EventNature nature{};
};

/// Raised in the parent, when the fork made no child: undo what ApplicationPreFork did.
struct ApplicationForkFailed : ChildEventContext {
  static constexpr EventNature nature{};

  /// The errno of the fork, 0 where the container does not tell.
  int error = 0;
};

/// Raised in the child, when it begins to accept requests.
struct ApplicationWorkerReady : EventContext {
  static constexpr EventNature nature{.heard_once = true};
};

/// Raised in the child, at its orderly end. Best effort: a killed process does not run it.
struct ApplicationWorkerExit : EventContext {
  static constexpr EventNature nature{.heard_once = true, .in_reverse = true};
};

/// Raised in the parent, when a child is gone: the only clean-up that can be relied on.
struct ApplicationWorkerReaped : ChildEventContext {
  static constexpr EventNature nature{};

  /// The wait status of the child, where the container tells.
  std::optional<int> status{};
};

/// Raised when a worker is ended for taking too long. May run in a signal handler; the wiring says in which process.
struct ApplicationWorkerAbort : ChildEventContext {
  static constexpr EventNature nature{};
};

/// Raised in the parent, once, before it opens its sockets or loads the application.
struct ApplicationServerStarting : EventContext {
  static constexpr EventNature nature{.heard_once = true};
};

/// Raised in the parent, once, when the sockets are open.
struct ApplicationServerReady : EventContext {
  static constexpr EventNature nature{.heard_once = true};
};

/// Raised in the parent, when it was told to replace its workers.
struct ApplicationServerReload : EventContext {
  static constexpr EventNature nature{};
};

/// Raised in the parent, once, at its orderly end.
struct ApplicationServerExit : EventContext {
  static constexpr EventNature nature{.heard_once = true, .in_reverse = true};
};

}  // namespace forksafe
