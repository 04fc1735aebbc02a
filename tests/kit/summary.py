# SPDX-License-Identifier: MIT
"""summary.py WORKFLOW_LOG [TEST_LOG]: the results of one preset, for tests/run.

Prints "RAN FAILED SKIPPED", and after it a line for each test that was skipped or is disabled: its name, and the reason
that it gave. WORKFLOW_LOG is what cmake --workflow printed; TEST_LOG is ctest's own LastTest.log, with the output of all.
Without TEST_LOG it prints the name of each test that failed, and the last lines of what that printed.
"""

import pathlib
import re
import sys

TOTAL = re.compile(r"^\d+% tests passed, (\d+) tests? failed out of (\d+)$")
NOT_RUN = re.compile(r"^\s+\d+ - (\S+) \((Skipped|Disabled)\)")
BEGIN = re.compile(r"^\d+/\d+ Testing: (\S+)$")
#: The line that every skipped test of this tree prints.
REASON = re.compile(r"^\[skipped\] (.+)$")
FAILED = re.compile(r"^\s+\d+ - (\S+) \((?!Skipped|Disabled)([^()]+)\)")
RESULT = re.compile(r"^ *\d+/(\d+) Test +#\d+: (\S+) ")
START = re.compile(r"^ +Start +\d+: ")
#: More than a report of a failed check is long, and little enough for a page of several.
LAST_LINES = 20


def counted(lines):
    """(total, failed, {name: Skipped or Disabled}) of the last summary: the output of a test may hold earlier ones."""
    total, failed, not_run = 0, 0, {}
    for line in lines:
        found = TOTAL.match(line)
        if found:
            failed, total, not_run = int(found[1]), int(found[2]), {}
            continue
        found = NOT_RUN.match(line)
        if found and total:
            not_run[found[1]] = found[2]
    return total, failed, not_run


def reasons(lines):
    """{name of a test: the reasons that it printed}"""
    said, name = {}, None
    for line in lines:
        begin, reason = BEGIN.match(line), REASON.match(line)
        if begin:
            name = begin[1]
        elif reason and name and reason[1] not in said.setdefault(name, []):
            said[name].append(reason[1])
    return said


def summary(workflow_log, test_log):
    total, failed, not_run = counted(workflow_log)
    said = reasons(test_log)
    # ctest counts a skipped test as passed, and does not count a disabled one.
    skipped = [name for name, how in not_run.items() if how == "Skipped"]
    yield "%d %d %d" % (total - len(skipped), failed, len(not_run))
    for name, how in not_run.items():
        yield "%s: %s" % (name, "is disabled" if how == "Disabled" else "; ".join(said.get(name, ["gave no reason"])))


def failures(workflow_log):
    results = [found for found in map(RESULT.match, workflow_log) if found]
    said, how, name = {}, {}, None
    for line in workflow_log:
        # A test may run CTest of its own, with another number of tests.
        if (found := RESULT.match(line)) and found[1] == results[-1][1]:
            name = found[2]
        elif TOTAL.match(line) or START.match(line):
            name, how = None, {}
        elif found := FAILED.match(line):
            how[found[1]] = found[2]
        elif name and line:
            said.setdefault(name, []).append(line)
    for name, reason in how.items():
        yield "%s (%s)" % (name, reason)
        yield from ("  " + line for line in said.get(name, ["printed nothing"])[-LAST_LINES:])


def lines_of(path):
    path = pathlib.Path(path)
    return path.read_text(errors="replace").splitlines() if path.exists() else []


if __name__ == "__main__":
    logs = [lines_of(path) for path in sys.argv[1:]]
    print("\n".join(summary(*logs) if len(logs) == 2 else failures(*logs)))
