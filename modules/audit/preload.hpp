// SPDX-License-Identifier: MIT
#pragma once

/// What the calls of a program mean to the audit. All keep errno.
namespace forksafe {

/// It waits for work.
void comes_to_work() noexcept;
/// It is about to end. A short life without any work is a helper's, of which only hazards are worth a word.
void ends() noexcept;
/// It becomes another program.
void executes() noexcept;
/// It is about to send something, or to end a connection.
void uses(int descriptor, char const* call) noexcept;
/// Code at `caller` has made a pair of sockets.
void makes_pair(void const* caller, int const (&ends)[2]) noexcept;

}  // namespace forksafe
