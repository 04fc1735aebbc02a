// SPDX-License-Identifier: MIT
export module forksafe.standalone.binding:hooks;

import forksafe;
import forksafe.std;

namespace forksafe::standalone {

/// What the server knows when it raises an event; each event takes the part that it has a place for.
struct Moment {
  Process process{};
  /// In the master: the worker that the event is about.
  Process child{};
  std::optional<int> status{};
  int error = 0;
  bool loaded = true;
};

using Raise = void (*)(Moment const&) noexcept;

/// An application as the server sees it: one row for each row of the policy's wiring, of the same name.
struct Hooks {
  HostedApplication& (*make)(std::string_view name);
  void (*load)();
  /// Null where no component answers requests: the server then opens no socket.
  Response (*handle)(Request const&) noexcept;

  Raise server_starting;
  Raise server_ready;
  Raise server_reload;
  Raise pre_fork;
  Raise post_fork_parent;
  Raise fork_failed;
  Raise post_fork;
  Raise post_worker_init;
  Raise worker_ready;
  Raise worker_abort;
  Raise worker_exit;
  Raise worker_reaped;
  Raise server_exit;
};

}  // namespace forksafe::standalone
