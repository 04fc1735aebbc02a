# SPDX-License-Identifier: MIT
"""Prints the debug object as a table: how often each process heard each event. Uses colour on a terminal only."""

import datetime
import os
import shutil
import sys


ROWS_OF_JOURNAL = 12


def paint(text, code, stream):
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return "\033[%sm%s\033[0m" % (code, text)


def good(text, stream=sys.stdout):
    return paint(text, "32", stream)


def bad(text, stream=sys.stdout):
    return paint(text, "31", stream)


def strong(text):
    return paint(text, "1", sys.stdout)


def faint(text):
    return paint(text, "2", sys.stdout)


def title(process):
    if process["slot"] is None:
        return process["role"]
    again = "" if (process["incarnation"] or 1) == 1 else " #%d" % process["incarnation"]
    return "%s %d%s" % (process["role"], process["slot"], again)


def facts(debug):
    yield "status", good(debug["status"])
    yield "environment", debug["environment"] or "none"
    for line in debug["autoconfigure.log"]:
        yield "autoconfigure.log", line
    for requirement in debug["requirements"]:
        yield "requires", requirement
    for hook, event, *outcome in debug["executed_hooks"]:
        yield "executed_hooks", "%s, %s%s" % (hook, event, "".join(" " + bad(word) for word in outcome))
    for subscriber in debug["subscribers"]:
        heard = len(subscriber["events"])
        events = ", ".join(subscriber["events"]) if heard <= 2 else "%d events" % heard
        yield "subscriber", "%s  %s" % (subscriber["name"], faint("phase %s: %s" % (subscriber["phase"], events)))


def show_facts(debug):
    last = None
    for name, value in facts(debug):
        print("  %-18s %s" % (name if name != last else "", value))
        last = name
    print()


def rows_of(debug):
    """The rows of the wiring that can raise each event, by the event's name."""
    rows = {}
    for wire in debug["wiring"]:
        if wire["source"] != "absent":
            rows.setdefault(wire["event"], []).append(wire)
    return rows


def heard_by(process, event):
    return sum(heard["count"] for heard in process["events"] if heard["event"] == event)


def hook_shown(wires, processes):
    """The hooks that raised the event, else the first that could. A star marks an emulated event."""
    heard = {(event["event"], event["hook"]) for process in processes for event in process["events"]}
    raised = [wire for wire in wires if (wire["event"], wire["hook"]) in heard] or wires[:1]
    text = ", ".join(wire["hook"] for wire in raised)
    return text + (" *" if all(wire["source"] == "emulated" for wire in raised) else "")


def blocks(processes, room):
    """The processes in groups that fit side by side."""
    block, used = [], 0
    for process in processes:
        width = 2 + max(len(title(process)), len(str(process["pid"])) + 1)
        if block and used + width > room:
            yield block
            block, used = [], 0
        block.append(process)
        used += width
    yield block


def show_matrix(rows, hooks, processes, victims):
    names = {event: event.removeprefix("Application") for event in rows}
    event_width = max(map(len, names.values()))
    hook_width = max(map(len, hooks.values()))
    titles = [title(process) for process in processes]
    pids = [str(process["pid"]) + ("†" if process["pid"] in victims else "") for process in processes]
    widths = [max(len(name), len(pid)) for name, pid in zip(titles, pids)]

    def line(first, second, values):
        print(("  %-*s  %-*s  " % (event_width, first, hook_width, second) + "  ".join(values)).rstrip())

    line("", "", [strong(name.rjust(width)) for name, width in zip(titles, widths)])
    line("event", "hook", [faint(pid.rjust(width)) for pid, width in zip(pids, widths)])
    for event, name in names.items():
        counts = [heard_by(process, event) for process in processes]
        line(name, hooks[event], [good(str(count).rjust(width)) if count else faint("·".rjust(width))
                                  for count, width in zip(counts, widths)])
    print()


def parse_time(record):
    return datetime.datetime.fromisoformat(record["time"].replace("Z", "+00:00"))


def duration(record):
    if record["nanoseconds"] is None:
        return "-"
    return "%.1f µs" % (record["nanoseconds"] / 1e3) if record["nanoseconds"] < 1e6 else "%.1f ms" % (record["nanoseconds"] / 1e6)


def show_journal(journal, victim, replacement):
    """Prints the records of all processes around the death of one worker, in the order of time."""
    records = journal["records"]
    first = next((index for index, record in enumerate(records) if record["pid"] == replacement), len(records))
    chosen = records[max(0, first - 3):][:ROWS_OF_JOURNAL]
    if not chosen:
        return
    print("  " + strong("the journal when worker pid %d was replaced" % victim)
          + faint("   %(written)d records of all processes, %(dropped)d dropped, %(torn)d torn" % journal))
    start = parse_time(chosen[0])
    rows = [("%+.1f ms" % ((parse_time(record) - start).total_seconds() * 1e3), title(record), str(record["pid"]),
             record["event"].removeprefix("Application"), record["subscriber"] or "-", duration(record), record["outcome"])
            for record in chosen]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    for row in rows:
        *cells, outcome = [cell.rjust(width) if column in (0, 2, 5) else cell.ljust(width)
                           for column, (cell, width) in enumerate(zip(row, widths + [0]))]
        print("  %s  %s" % ("  ".join(cells), (good if outcome == "heard" else bad)(outcome)))
    print()


def show_incidents(incidents):
    for incident in incidents:
        where = "%s, pid %d" % (title({**incident, "incarnation": None}), incident["pid"])
        what = " ".join(filter(None, (incident["event"].removeprefix("Application"), incident["subscriber"])))
        times = " x%d" % incident["times"] if incident["times"] > 1 else ""
        print("  " + bad("%s%s" % (incident["what"].replace("_", " "), times)) + "  %s  %s" % (where, what))
    if incidents:
        print()


def show_processes(debug, victims):
    """Prints how often each process heard each event; returns the hooks of the events."""
    processes = sorted(debug["processes"],
                       key=lambda process: (process["slot"] or 0, process["role"] != "master", process["incarnation"] or 0))
    rows = rows_of(debug)
    hooks = {event: hook_shown(wires, processes) for event, wires in rows.items()}
    for block in blocks(processes, shutil.get_terminal_size((100, 40)).columns - 20 - max(map(len, hooks.values()))):
        show_matrix(rows, hooks, block, victims)
    return hooks


def show_legend(debug, hooks, deaths):
    print("  Each number says how often a process heard the event; events drop their prefix Application.")
    print("  † " + deaths)
    if any(hook.endswith(" *") for hook in hooks.values()):
        print("  * is emulated: the container has no hook of its own for the event.")
    for wire in debug["wiring"]:
        if wire["source"] == "absent":
            print("  %s is never raised here: %s." % (wire["event"], wire["hook"]))
    print()


def show(container, debug, victim, replacement):
    print()
    print("  " + strong("demo in %s" % container))
    print()
    show_facts(debug)
    hooks = show_processes(debug, {victim})
    show_legend(debug, hooks, "was killed with SIGKILL; pid %d took its place." % replacement)
    show_journal(debug["journal"], victim, replacement)
    show_incidents(debug["incidents"])
