// SPDX-License-Identifier: MIT
export module forksafe.resource:signal_hold;

namespace forksafe {

/// Keeps signals from this thread until the same object ends it: around a fork, a handler that writes into a pipe which
/// parent and child still share would wake the other one. What comes meanwhile is pending, and heard in the process that
/// it was sent to. The mask is as it was when the last of several objects ends.
///
/// Faults, SIGALRM and the signal of deadlines still come; so does whatever the container unblocks for its own.
class SignalHold {
 public:
  void begin() noexcept;
  void end() noexcept;

 private:
  bool holds_ = false;
};

/// Ends a hold at the end of its scope.
class EndOfHold {
 public:
  explicit EndOfHold(SignalHold& hold) noexcept : hold_(hold) {}
  EndOfHold(EndOfHold const&) = delete;
  EndOfHold& operator=(EndOfHold const&) = delete;
  ~EndOfHold() { hold_.end(); }

 private:
  SignalHold& hold_;
};

}  // namespace forksafe
