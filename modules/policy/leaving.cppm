// SPDX-License-Identifier: MIT
module;
#include <unistd.h>
export module forksafe.policy:leaving;

import forksafe.std;

export namespace forksafe {

/// Makes a worker exit so that its container replaces it and stays up. Does not return; callable in a signal handler.
using Leaving = void (*)() noexcept;

/// Exits with a status, without destructors and exit handlers: those belong to the parent.
template <int Status>
void exit_with() noexcept {
  ::_exit(Status);
}

/// How a container calls the request handlers and interceptors of one process.
enum class HandlerCalls : std::uint8_t {
  /// One call ends before the next begins.
  one_at_a_time,
  /// Several threads may call at once.
  concurrent
};

}  // namespace forksafe
