# SPDX-License-Identifier: MIT
"""Runs the application in each container without and with its repairs, and prints the damage to each library.

Called by examples/run with PostgreSQL at FORKSAFE_TEST_POSTGRESQL: compare.py ENVIRONMENT [--json] [--serve]. PyMongo
talks to FerretDB where that can be built.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "support")]

import ferretdb  # noqa: E402
from picture import bad, good, strong  # noqa: E402
from server import Server, ServerError, free_port  # noqa: E402

CONTAINERS = ("uwsgi", "gunicorn", "waitress")
PATIENCE = 60
TRIES = 4


@contextlib.contextmanager
def documents(scratch):
    """The document store, whose address the applications get in their environment; None where it cannot be built."""
    try:
        ferretdb.build()
    except ferretdb.NoStore as reason:
        print("%s: PyMongo is tried without a server" % reason, file=sys.stderr)
        yield None
        return
    with ferretdb.Store(free_port(), scratch / "documents") as store:
        os.environ["STOCK_DOCUMENTS"] = "%s:%d" % store.address
        yield store


class Host(Server):
    """The application in one container, started by its ini file, as its users do."""

    def __init__(self, container, venv, ini, log, workers):
        super().__init__("gunicorn", HERE, "stock", log, workers=1 if container == "waitress" else workers,
                         environment={"STOCK_DATABASE": os.environ["FORKSAFE_TEST_POSTGRESQL"]})
        self.kind, self.bin, self.ini = container, pathlib.Path(venv) / "bin", HERE / ini
        self.environment["HOME"] = str(log.parent)

    def command(self):
        if self.kind == "uwsgi":
            # PyMongo needs threads, which uWSGI's Python plugin switches off.
            return ["uwsgi", "--plugin", "python3", "--enable-threads", "--virtualenv", str(self.bin.parent), "--master",
                    "--die-on-term", "--processes", str(self.workers), "--http-socket", self.address, "--paste", "config:%s" % self.ini]
        if self.kind == "gunicorn":
            return [str(self.bin / "gunicorn"), "--paste", str(self.ini), "-c", str(HERE / "config.py"), "--bind", self.address,
                    "--workers", str(self.workers), "--graceful-timeout", "5"]
        return [str(self.bin / "pserve"), str(self.ini), "port=%d" % self.port]

    def ask(self, target):
        status, body = self.get(target)
        if status != 200:
            raise ServerError("GET %s answered %d: %s\n%s" % (target, status, body, self.log_text()[-3000:]))
        return json.loads(body)

    def looks(self):
        """One answer of each worker to /look."""
        seen, until, last = {}, time.monotonic() + PATIENCE, None
        while len(seen) < self.workers:
            # Workers that share one session may fail. That is the damage to observe, so it does not end the run.
            try:
                one = self.ask("/look")
                seen[one["pid"]] = one
            except (ServerError, OSError, http.client.HTTPException) as error:
                last = error
            if time.monotonic() > until:
                raise ServerError("only %d of %d workers answered: %s" % (len(seen), self.workers, last))
        return list(seen.values())

    def finds_documents(self):
        """Whether every worker gets an answer of the store within TRIES requests. The client itself waits in each of them."""
        found, failed = set(), collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            while len(found) < self.workers:
                for one in pool.map(self.ask, ["/documents"] * self.workers):
                    if one["answered"]:
                        found.add(one["pid"])
                    else:
                        failed[one["pid"]] += 1
                if any(count >= TRIES for count in failed.values()):
                    return False
        return True


def session_lives(session):
    """Whether PostgreSQL still has the session. The client that asks is a new process."""
    done = subprocess.run(["psql", os.environ["FORKSAFE_TEST_POSTGRESQL"], "-qAtc",
                           "SELECT count(*) FROM pg_stat_activity WHERE pid = %d" % session],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip() == "1"


def run(container, venv, ini, workers, scratch, store):
    log = scratch / ("%s-%s.log" % (container, ini))
    with Host(container, venv, ini, log, workers) as host:
        looks = host.looks()
        if store:
            store.restart()
        found = host.finds_documents() if store else None
        forked = container != "waitress"
        session = looks[0]["loaded_with"]
        if forked:
            # The worker exits in an orderly way, as after its last request, and closes the sessions that it has inherited.
            os.kill(looks[0]["pid"], signal.SIGTERM)
            host.wait_for(lambda: not pathlib.Path("/proc/%d" % looks[0]["pid"]).exists(), "the end of a worker")
            # A worker may lose a signal that comes while it starts: all must have started before the server is stopped.
            host.looks()
        return looks, forked, session_lives(session), found


def judge(looks, forked, parent_lives, found):
    """Yields for each library its name, whether it is damaged, and what was observed."""
    shared = any(one["session"] == one["loaded_with"] for one in looks) if forked else False
    yield "SQLAlchemy", shared or not parent_lives, (
        "the parent's session was ended by a worker" if not parent_lives else "used the parent's session" if shared
        else "a session each, the parent's lives" if forked else "one process, one session")
    warned = any("fork" in text for one in looks for text in one["documents"]["warnings"])
    blind = any(one["documents"]["threads"] == 1 for one in looks)
    unanswered = found is not None and not all(one["documents"]["answered"] for one in looks)
    yield "PyMongo", warned or blind or unanswered or found is False, (
        "no answer of the store" if unanswered else "never finds the restarted store" if found is False
        else "warns of the fork" if warned else "watches no server" if blind
        else "a client each, finds the restarted store" if found else "a client each")
    for name, key in (("pycryptodome", "crypto"), ("random.Random", "random")):
        different = len({one[key] for one in looks})
        yield name, different < len(looks), "%d different tokens of %d" % (different, len(looks))


#: A fork does not damage these in the tested versions: pycryptodome asks the kernel for each number.
UNHARMED = ("pycryptodome",)


def compare(venv, workers, scratch, store):
    rows = []
    for container in CONTAINERS:
        without, within = (list(judge(*run(container, venv, ini, workers, scratch, store)))
                           for ini in ("unprotected.ini", "production.ini"))
        for (library, hurt, seen), (_, still_hurt, seen_then) in zip(without, within):
            rows.append({"container": container, "library": library, "without": seen, "damaged_without": hurt,
                         "with": seen_then, "damaged_with": still_hurt,
                         "expected": container != "waitress" and library not in UNHARMED})
    return rows


def show(rows):
    heads = ("container", "library", "without the repairs", "with them")
    cells = [(row["container"], row["library"], row["without"], row["with"]) for row in rows]
    widths = [max(len(cell[column]) for cell in [heads, *cells]) for column in range(4)]
    print("  " + "  ".join(strong(head.ljust(width)) for head, width in zip(heads, widths)))
    for row, cell in zip(rows, cells):
        padded = [text.ljust(width) for text, width in zip(cell, widths)]
        padded[2] = (bad if row["damaged_without"] else good)(padded[2])
        padded[3] = (bad if row["damaged_with"] else good)(padded[3])
        print(("  " + "  ".join(padded)).rstrip())


def serve(venv, workers, scratch):
    with Host("gunicorn", venv, "production.ini", scratch / "log", workers) as host:
        print("http://%s  (Ctrl-C stops it; /look shows what a worker works with)" % host.address, flush=True)
        while True:
            signal.pause()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("environment")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forksafe-") as directory:
        scratch = pathlib.Path(directory)
        with documents(scratch) as store:
            if arguments.serve:
                serve(arguments.environment, arguments.workers, scratch)
            rows = compare(arguments.environment, arguments.workers, scratch, store)
    if arguments.json:
        print(json.dumps({"workers": arguments.workers, "document_store": store is not None, "libraries": rows}, indent=2))
    else:
        show(rows)
    wrong = [row for row in rows if row["damaged_without"] != row["expected"] or row["damaged_with"]]
    for row in wrong:
        print("examples/run pyramid: not as it should be: %(library)s in %(container)s" % row, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except (ServerError, RuntimeError) as error:
        sys.exit("examples/run pyramid: %s" % error)
    except KeyboardInterrupt:
        sys.exit(130)
