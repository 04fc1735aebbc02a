// SPDX-License-Identifier: MIT
module;
#include <event2/event.h>
export module forksafe.resource.libevent;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of NotifyChildOnly for one event base; for a base of your own making derive from it:
/// `struct Mailbox : LibeventTraits { Mailbox() : LibeventTraits(make_base()) {} };`
///
/// A base watches its descriptors by an epoll set, and hears of signals by a pair of sockets. A child would share both with its
/// parent: an event that one side deletes the other never hears of again. The child calls event_reinit (libevent 2.1), which
/// makes new ones and keeps all events, without touching the parent's set.
class LibeventTraits {
 public:
  /// Makes a base. Throws std::runtime_error.
  LibeventTraits();
  /// The base must live as long as the process.
  explicit LibeventTraits(event_base* base) : base_(base) {}

  [[nodiscard]] event_base* base() const noexcept { return base_; }

  /// To be called before any other call on the base, and not from one of its callbacks. Throws std::runtime_error if an event
  /// could not be added again.
  void after_fork_in_child();

 private:
  event_base* base_;
};

/// An event base: `registry.find<LibeventBase>()->get().base()`, which also repairs it after an unannounced fork.
using LibeventBase = NotifyChildOnly<LibeventTraits>;

}  // namespace forksafe
