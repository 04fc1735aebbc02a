// SPDX-License-Identifier: MIT
#pragma once
#include <csignal>

/// What the calls of a program mean to the audit. All keep errno.
namespace forksafe {

/// It waits for work, with these signals blocked or with what it has blocked.
void comes_to_work(sigset_t const* waits_with = nullptr) noexcept;
/// It is about to end. A short life without any work is a helper's, of which only hazards are worth a word.
void ends() noexcept;
/// It becomes another program.
void executes() noexcept;
/// It is about to send something, or to end a connection.
void uses(int descriptor, char const* call) noexcept;
/// Code at `caller` has made a pair of sockets.
void makes_pair(void const* caller, int const (&ends)[2]) noexcept;

}  // namespace forksafe
