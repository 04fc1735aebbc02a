# SPDX-License-Identifier: MIT
"""The rows of the table. Each is one comparison."""

import dataclasses
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import typing


class NotMeasured(Exception):
    """A program or library to measure is missing; the text says why."""


@dataclasses.dataclass
class Row:
    what: str
    ours: typing.Optional[float] = None
    theirs: typing.Optional[float] = None
    unit: str = ""
    ratio: typing.Optional[float] = None
    goal: str = ""
    verdict: str = ""
    ratio_low: typing.Optional[float] = None
    ratio_high: typing.Optional[float] = None
    rounds: int = 1


@dataclasses.dataclass
class Group:
    """Rows that one function measures together. Their names are known even if the measurement fails."""
    names: typing.List[str]
    measure: typing.Callable


def verdict(is_met):
    return "met" if is_met else "missed"


def interval(ratios):
    """Where the median lies with 95 % confidence, whatever the distribution; all that was seen, where there are few."""
    ordered, count = sorted(ratios), len(ratios)
    below, left_out = 0, -1
    for rank in range(count // 2):
        below += math.comb(count, rank) / 2 ** count
        if below > 0.025:
            break
        left_out = rank
    return ordered[max(left_out, 0)], ordered[count - 1 - max(left_out, 0)]


def judged(row, good):
    """Met by the median. Missed only where the whole interval misses it: else the noise is too large to tell."""
    if good(row.ratio):
        return "met"
    return "within noise" if good(row.ratio_low) or good(row.ratio_high) else "missed"


def compared(what, pairs, unit, at_most=None, at_least=None, goal=None):
    """The row of several rounds of (ours, theirs). Each round measures both, one after the other."""
    ratios = [ours / theirs for ours, theirs in pairs]
    low, high = interval(ratios)
    row = Row(what, statistics.median(ours for ours, _ in pairs), statistics.median(theirs for _, theirs in pairs), unit,
              statistics.median(ratios), ratio_low=low, ratio_high=high, rounds=len(pairs))
    if at_most is not None:
        row.goal, row.verdict = "<= %g" % at_most, judged(row, lambda ratio: ratio <= at_most)
    if at_least is not None:
        row.goal, row.verdict = ">= %g" % at_least, judged(row, lambda ratio: ratio >= at_least)
    if goal is not None:
        row.goal = goal
    return row


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def measure(group, options):
    say(", ".join(group.names))
    try:
        return group.measure(options)
    except Exception as error:  # the table shows any error
        reason = (str(error).strip() or type(error).__name__).splitlines()
        say("not measured: " + "\n  ".join(reason))
        return [Row(name, verdict="not measured: " + reason[0]) for name in group.names]


def number(value):
    if value is None:
        return "-"
    if isinstance(value, int) or abs(value) >= 1000:
        return "%d" % round(value)
    return "%.3g" % value if abs(value) < 100 else "%.1f" % value


def as_table(measured):
    heads = ("what", "ours", "theirs", "ratio", "95 %", "goal", "verdict")
    lines = [heads]
    for row in measured:
        unit = " " + row.unit if row.unit else ""
        lines.append((row.what, number(row.ours) + (unit if row.ours is not None else ""),
                      number(row.theirs) + (unit if row.theirs is not None else ""),
                      "-" if row.ratio is None else "%.4f" % row.ratio,
                      "-" if row.rounds < 2 else "%.3f to %.3f" % (row.ratio_low, row.ratio_high), row.goal or "-",
                      row.verdict or "for information"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    numeric = (1, 2, 3, 4)
    return "\n".join(
        "  ".join(cell.rjust(width) if column in numeric else cell.ljust(width)
                  for column, (cell, width) in enumerate(zip(line, widths))).rstrip()
        for line in lines)


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return None


def machine():
    processor = None
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.split(":", 1)[1].strip()
            break
    return {"processor": processor, "cores": os.cpu_count(), "kernel": platform.release(),
            "load_average": os.getloadavg()[0], "compiler": first_line("clang++-19", "--version"),
            "cmake": first_line("cmake", "--version"), "python": platform.python_version()}


def as_json(measured):
    return json.dumps({"rows": [dataclasses.asdict(row) for row in measured], "machine": machine()}, indent=2)
