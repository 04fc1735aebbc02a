# SPDX-License-Identifier: MIT
"""Counts the instructions of one call by callgrind. The count is the same in every run, on every machine of one kind.

callgrind.py PROGRAM_COUNT...    fails when the `call_subscribers` of one executes more instructions than calls by hand
"""

import fractions
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CALLS = 1000
SKIPPED = 77


def inclusive_costs(text):
    """How often each function was called, and the instructions in it and in its callees, over all callers."""
    names, calls, costs = {}, {}, {}
    lines = iter(text.splitlines())
    for line in lines:
        called = re.match(r"(c?)fn=\((\d+)\)(?: (.*))?", line)
        if called:
            names.setdefault(called[2], called[3])
            if called[1]:
                callee = called[2]
        elif line.startswith("calls="):
            name = names[callee]
            calls[name] = calls.get(name, 0) + int(line[len("calls="):].split()[0])
            costs[name] = costs.get(name, 0) + int(next(lines).split()[1])
    return {name: (calls[name], costs[name]) for name in calls}


def profile(*command, **others):
    """What callgrind writes about the command."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "out"
        run = subprocess.run(["valgrind", "--tool=callgrind", "--demangle=no", "--callgrind-out-file=%s" % out,
                              *map(str, command)], capture_output=True, text=True, **others)
        if run.returncode != 0:
            raise RuntimeError("valgrind %s ended with %d: %s" % (command[0], run.returncode, run.stderr[-2000:]))
        return out.read_text()


def total(*command, **others):
    """All instructions that the command executes in user space."""
    return int(re.search(r"^(?:summary|totals): (\d+)", profile(*command, **others), re.M)[1])


def of_each(costs, functions):
    """The instructions of one call of each function, what it calls included; each has to be called CALLS times."""
    for function in functions:
        found = [cost for name, cost in costs.items() if re.match(function, name or "")]
        if len(found) != 1 or found[0][0] != CALLS:
            raise RuntimeError("callgrind saw %s of %s, not %d calls" % (found, function, CALLS))
        one = fractions.Fraction(found[0][1], CALLS)
        if one.denominator != 1:
            raise RuntimeError("%s does not execute the same instructions each time: %s" % (function, one))
        yield int(one)


def instructions(program):
    """Of one call: (through emit, by hand), what is called included."""
    costs = inclusive_costs(profile(program, "count", CALLS))
    subscribers = [calls for name, (calls, _) in costs.items() if re.search(r"\d+Subscriber\d+clE", name or "")]
    if subscribers != [2 * CALLS] * int(pathlib.Path(program).name.rsplit("_", 1)[1]):
        raise RuntimeError("not every subscriber was called once by each side: %s calls" % subscribers)
    return tuple(of_each(costs, (r"_ZN8forksafe\w+11ForkSafeApp\w+16call_subscribersI", r"_Z12emit_by_hand")))


def main(programs):
    dearer = 0
    for program in programs:
        ours, by_hand = instructions(program)
        print("%s: %d instructions through call_subscribers, %d by hand" % (pathlib.Path(program).name, ours, by_hand))
        dearer += ours > by_hand
    return dearer != 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("[skipped] there is no valgrind here")
        sys.exit(SKIPPED)
    sys.exit(main(sys.argv[1:]))
