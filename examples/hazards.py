# SPDX-License-Identifier: MIT
"""Runs one program without and with forksafe in real workers, and compares the damage. Called by examples/hazards."""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from drive import progress
from picture import bad, faint, good, strong
from server import Server, ServerError

Hazard = collections.namedtuple("Hazard", "name path judge finding whose", defaults=(None, ""))


class Run:
    """The observations of one run: the answers of each path as (pid, text), its log files, and the audit's findings."""

    def __init__(self, answers, workers, log, said, findings):
        self.answers = answers
        self.workers = workers
        self.log = log
        self.said = said
        self.findings = findings


def everybody(count):
    return "all %d workers" % count


def judge_same(run, path, thing):
    """Damaged if two processes have the same value."""
    by_value = collections.defaultdict(set)
    for pid, value in run.answers[path]:
        by_value[value].add(pid)
    value, pids = max(by_value.items(), key=lambda item: len(item[1]))
    if len(pids) > 1:
        return True, "%s %s… in %d workers" % (thing, value[:8], len(pids))
    return False, "%d different ones in %d workers" % (len(by_value), run.workers)


def judge_token(run):
    return judge_same(run, "/token", "token")


def judge_identity(run):
    return judge_same(run, "/identity", "UUID")


def judge_answers(run, path):
    """Damaged if a worker gets another worker's answer, or no answer."""
    wrong = collections.Counter()
    for pid, text in run.answers[path]:
        asked, answered = text.removeprefix("asked ").split(" answered ", 1)
        if asked != answered:
            wrong["another worker's answer" if answered.isdigit() else "no answer"] += 1
    if wrong:
        return True, ", ".join("%d x %s" % (count, what) for what, count in wrong.most_common())
    return False, "%d questions, %d own answers" % (len(run.answers[path]), len(run.answers[path]))


def judge_database(run):
    return judge_answers(run, "/database")


def judge_cache(run):
    return judge_answers(run, "/cache")


def judge_words(run, path, harmless, damage):
    hurt = {pid for pid, text in run.answers[path] if text != harmless}
    if hurt:
        return True, "%s in %d of %d workers" % (damage, len(hurt), run.workers)
    return False, "%s in %s" % (harmless, everybody(run.workers))


def judge_lock(run):
    return judge_words(run, "/lock", "taken", "never released")


def judge_job(run):
    return judge_words(run, "/job", "done", "never done")


def judge_log(run):
    count = run.log.count("the master has started\n")
    return count != 1, "the line is there once" if count == 1 else "the line is there %d times" % count


def judge_goodbye(run):
    last = [line.split("the last query of the master: ", 1)[1] for line in run.said if "the last query of the master: " in line]
    if last == ["answered"]:
        return False, "the master's session answers"
    return True, last[0] if last else "the master did not live to ask"


# The last two fields are the finding that names the hazard, where an audit can see one, and the owner that it names.
HAZARDS = [
    Hazard("random tokens", "/token", judge_token, "random state duplicated"),
    Hazard("UUIDs", "/identity", judge_identity),
    Hazard("PostgreSQL session, used", "/database", judge_database, "descriptor shared", "PostgreSQL"),
    Hazard("PostgreSQL session, closed", None, judge_goodbye, "descriptor shared", "PostgreSQL"),
    Hazard("Redis connection", "/cache", judge_cache, "descriptor shared", "Redis"),
    Hazard("lock held at the fork", "/lock", judge_lock, "lock orphaned"),
    Hazard("thread pool", "/job", judge_job, "thread lost"),
    Hazard("buffered log line", None, judge_log),
]


# The seconds within which all workers must answer.
PATIENCE = 60


def answers_of(server, path):
    """Asks from as many connections as there are workers, until each worker has answered; some answer more than once."""

    def ask(_):
        status, body = server.get(path)
        if status != 200:
            raise ServerError("GET %s answered %d: %s" % (path, status, body))
        pid, text = body.rstrip("\n").split(" ", 1)
        return int(pid), text

    answers = []
    with concurrent.futures.ThreadPoolExecutor(server.workers) as pool:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answers += pool.map(ask, range(server.workers))
            if len({pid for pid, _ in answers}) == server.workers:
                return answers
            # On a busy machine one worker may answer everything for a while.
            time.sleep(0.02)
    raise ServerError("not all %d workers answered GET %s" % (server.workers, path))


def findings_of(server):
    """The findings of all workers that answer, each once: the lock may have been free when one of them was forked."""
    with concurrent.futures.ThreadPoolExecutor(server.workers) as pool:
        of_workers = list(pool.map(lambda _: server.debug()["findings"], range(8 * server.workers)))
    findings = {(finding["hazard"], finding["what"]): finding for of_one in of_workers for finding in of_one}
    return [finding for finding in findings.values() if finding["what"] != MEANT_FOR_THE_MASTER]


def run(directory, name, workers, scratch):
    progress("running %s" % name)
    log = scratch / (name + ".log")
    prefix = name.upper() + "_"
    environment = {
        prefix + "DATABASE": os.environ["FORKSAFE_TEST_POSTGRESQL"],
        prefix + "REDIS": os.environ["FORKSAFE_TEST_REDIS"],
        prefix + "LOG": str(log),
        "FORKSAFE_AUDIT": "1",
    }
    server = Server("standalone", directory, name, scratch / (name + ".out"), workers=workers, environment=environment)
    with server:
        answers = {hazard.path: answers_of(server, hazard.path) for hazard in HAZARDS if hazard.path}
        findings = findings_of(server)
    return Run(answers, workers, log.read_text(), server.log_text().splitlines(), findings)


# The thread that keeps the lock busy is meant for the master alone, in both programs. Its loss is not a hazard.
MEANT_FOR_THE_MASTER = "thread 'housekeeping'"


def found(findings, hazard):
    return [finding["what"] for finding in findings
            if finding["hazard"] == hazard.finding and hazard.whose in finding["where_from"]]


def compare(bare, safe):
    rows = []
    for hazard in HAZARDS:
        hurt, without = hazard.judge(bare)
        still_hurt, within = hazard.judge(safe)
        rows.append({"hazard": hazard.name, "without": without, "damaged_without": hurt, "with": within,
                     "damaged_with": still_hurt,
                     "audit_without": found(bare.findings, hazard), "audit_with": found(safe.findings, hazard)})
    return rows


def show(rows):
    cells = [(row["hazard"], row["without"], row["with"], "; ".join(row["audit_without"]) or "-") for row in rows]
    heads = ("hazard", "without forksafe", "with forksafe", "what the audit says of it")
    widths = [max(len(cell[column]) for cell in [heads, *cells]) for column in range(3)]
    print("  " + "  ".join(strong(head.ljust(width)) for head, width in zip(heads, [*widths, 0])))
    for row, cell in zip(rows, cells):
        padded = [text.ljust(width) for text, width in zip(cell, [*widths, 0])]
        padded[1] = (bad if row["damaged_without"] else good)(padded[1])
        padded[2] = (bad if row["damaged_with"] else good)(padded[2])
        padded[3] = faint(padded[3])
        print("  " + "  ".join(padded))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forksafe-") as scratch:
        try:
            runs = [run(arguments.directory, name, arguments.workers, pathlib.Path(scratch))
                    for name in ("hazards_bare", "hazards_safe")]
        except ServerError as error:
            progress("")
            sys.exit("examples/hazards: %s" % error)
    progress("")
    rows = compare(*runs)
    if arguments.json:
        print(json.dumps({"workers": arguments.workers, "hazards": rows}, indent=2))
    else:
        show(rows)
    broken = [row["hazard"] for row in rows if not row["damaged_without"] or row["damaged_with"]]
    unseen = [row["hazard"] for row, hazard in zip(rows, HAZARDS) if hazard.finding and not row["audit_without"]]
    for what, names in (("no damage without forksafe, or some with it", broken), ("not found by the audit", unseen)):
        if names:
            print("examples/hazards: %s: %s" % (what, ", ".join(names)), file=sys.stderr)
    for finding in runs[1].findings:
        print("examples/hazards: found in spite of forksafe: %(what)s (%(where_from)s)" % finding, file=sys.stderr)
    return 1 if broken or unseen or runs[1].findings else 0


if __name__ == "__main__":
    sys.exit(main())
