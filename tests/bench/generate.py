# SPDX-License-Identifier: MIT
"""Writes sources that differ only in the number of subscribers.

generate.py emit COUNT DIRECTORY      subscribers.cppm, subscribers.cpp and emit.cpp, for the programs that count instructions
generate.py compile COUNT FILE        one file that defines an application and delivers every event, to time its compilation
"""

import pathlib
import sys

EVENTS = {
    "ServerStarting": "server_starting", "ServerReady": "server_ready", "ServerReload": "server_reload",
    "PreFork": "pre_fork", "PostForkParent": "post_fork_parent", "ForkFailed": "fork_failed", "PostFork": "post_fork",
    "PostWorkerInit": "post_worker_init", "WorkerReady": "worker_ready", "WorkerAbort": "worker_abort",
    "WorkerExit": "worker_exit", "WorkerReaped": "worker_reaped", "ServerExit": "server_exit",
}


def joined(line, count, separator="\n"):
    return separator.join(line.format(index) for index in range(count))


def application(count):
    return "forksafe::ForkSafeApp<forksafe::StandalonePolicy%s>" % joined(", Subscriber{0}", count, "")


def subscribers_interface(count):
    return f"""// SPDX-License-Identifier: MIT
module;
#include <string>
#include <string_view>
export module subscribers;

import forksafe;
import forksafe.standalone;

export namespace subscribers {{

using Event = forksafe::ApplicationPostFork;

{joined('''struct Subscriber{0} {{
  void operator()(Event const& event);
  void operator()(forksafe::ApplicationPreFork const& event);
  long heard = 0;
}};''', count)}

void tell_failure(std::string_view subscriber, std::string_view event) noexcept;

using Ours = {application(count)};

/// What a careful developer keeps without the framework. Like any application it has more than its subscribers: the
/// first of them is not where the object begins.
struct ByHand {{
  std::string name;
{joined("  Subscriber{0} subscriber{0}{{}};", count)}
}};

}}  // namespace subscribers
"""


def subscribers_implementation(count):
    return f"""// SPDX-License-Identifier: MIT
module;
#include <cstdio>
#include <string_view>
module subscribers;

namespace subscribers {{

{joined('''void Subscriber{0}::operator()(Event const&) {{ ++heard; }}
void Subscriber{0}::operator()(forksafe::ApplicationPreFork const&) {{ ++heard; }}''', count)}

void tell_failure(std::string_view subscriber, std::string_view event) noexcept {{
  std::fprintf(stderr, "%.*s failed on %.*s\\n", static_cast<int>(subscriber.size()), subscriber.data(),
               static_cast<int>(event.size()), event.data());
}}

}}  // namespace subscribers
"""


def emit(count):
    return f"""// SPDX-License-Identifier: MIT
// Both sides as functions that stand alone, apart from the loops that call them, so that neither can be inlined there.
#include <string_view>

import forksafe;
import subscribers;

template void subscribers::Ours::call_subscribers<subscribers::Event>(subscribers::Event const&) noexcept;

/// What a careful developer writes without the framework.
void emit_by_hand([[maybe_unused]] subscribers::ByHand& by_hand,
                  [[maybe_unused]] subscribers::Event const& event) noexcept {{
{joined('''  try {{
    by_hand.subscriber{0}(event);
  }} catch (...) {{
    subscribers::tell_failure("Subscriber{0}", "ApplicationPostFork");
  }}''', count)}
}}
"""


def one_file(count):
    deliveries = "\n".join(
        f'  application.emit<"{hook}">(forksafe::Application{event}{{}});' for event, hook in EVENTS.items())
    return f"""// SPDX-License-Identifier: MIT
import forksafe;
import forksafe.standalone;

{joined("struct Subscriber{0} {{ void operator()(forksafe::ApplicationPostFork const& event); }};", count)}

using Measured = {application(count)};

void deliver_all(Measured& application) {{
{deliveries}
}}

Measured& make() {{ return *new Measured{{"measured"}}; }}
"""


def write(path, text):
    """Writes the file unless it has this text already, so that nothing is built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main(kind, count, place):
    place = pathlib.Path(place)
    if kind == "emit":
        write(place / "subscribers.cppm", subscribers_interface(count))
        write(place / "subscribers.cpp", subscribers_implementation(count))
        write(place / "emit.cpp", emit(count))
    else:
        write(place, one_file(count))


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("emit", "compile") or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
