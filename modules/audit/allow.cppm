// SPDX-License-Identifier: MIT
export module forksafe.audit:allow;

import forksafe.std;

export namespace forksafe {

/// Adds to what a child may have, for as long as the process lives: `KIND PATTERN: REASON`, several separated by `;` or by
/// ends of lines. The reason stands in the report, beside what it allows.
///
/// `path` is a file's, device's or mapping's path as /proc/self/fd shows it (`/memfd:NAME` for a memory file); `socket` the own
/// or the peer's address, `ADDRESS:PORT` or a UNIX socket's path; `thread` a thread's name as the kernel has it (15
/// characters at most); `owner` what own_descriptor tagged, as in `eventfd of shop::Orders`; `signal` a signal's name, as in
/// `SIGTERM`. A pattern is exact but for one `*`, which stands for anything that has no `/../` in it. Not thread-safe: call
/// it before the first fork.
/// Throws std::invalid_argument, naming the entry that cannot be understood; then none of the call counts.
void audit_allow(std::string_view entries);

}  // namespace forksafe

namespace forksafe {

enum class AllowedThing : std::uint8_t { path, socket, thread, owner, signal };

/// Returns the reason of the first entry that fits; empty if none does.
std::string_view reason_to_allow(AllowedThing thing, std::string_view text);

}  // namespace forksafe
