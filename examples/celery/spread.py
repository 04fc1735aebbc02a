# SPDX-License-Identifier: MIT
"""Spreads tasks over two Celery nodes that share a fork-safe C++ library, kills a worker and then a whole node, and counts
the tasks that were done. Called by examples/run with a real RabbitMQ at FORKSAFE_TEST_RABBITMQ."""

import argparse
import collections
import json
import os
import pathlib
import signal
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(EXAMPLES), str(EXAMPLES / "support")]

import celery  # noqa: E402
import picture  # noqa: E402
from drive import document, problems_of, progress  # noqa: E402
from node import Node  # noqa: E402
from server import ServerError  # noqa: E402

NODES = ("one", "two")
TASKS_FOR_EACH_WORKER = 15


class Work:
    """The tasks that were sent, and the workers' notes about them in the ledger."""

    def __init__(self, broker, ledger):
        self.client = celery.Celery(broker=broker, backend="rpc://")
        self.ledger = ledger
        self.sent = 0

    def send(self, count):
        for number in range(count):
            self.client.send_task("strike", (number,), queue="work")
        self.sent = count

    def debug(self, node):
        """The debug object of one node. Each node has its own queue, beside the one that both share."""
        return json.loads(self.client.send_task("debug", queue=node).get(timeout=60))

    def lines(self, what):
        text = self.ledger.read_text() if self.ledger.exists() else ""
        return [line for line in map(json.loads, text.splitlines()) if line["what"] == what]

    def done(self):
        return {line["number"]: line for line in self.lines("done")}

    def under_way(self, node):
        """The worker of a node that has begun a task and not finished it, or None."""
        finished = {(line["pid"], line["number"]) for line in self.lines("done")}
        busy = [line["pid"] for line in self.lines("begun")
                if line["node"] == node and (line["pid"], line["number"]) not in finished]
        return busy[-1] if busy else None


def settled_debug(work, nodes, name, workers, replacements):
    debug = {}

    def settled():
        debug.clear()
        debug.update(work.debug(name))
        return not problems_of(debug, workers, replacements)

    try:
        nodes[name].wait_for(settled, "every event on node %s" % name, 20)
    except ServerError:
        pass
    return debug


def drive(work, nodes, workers):
    """Sends, kills and waits. Returns the debug objects, the killed worker, and the number of tasks left at that time."""
    first, second = (nodes[name] for name in NODES)
    progress("sending tasks to %d workers on 2 nodes" % (2 * workers))
    work.send(2 * workers * TASKS_FOR_EACH_WORKER)
    victim = first.wait_for(lambda: len(work.done()) > workers and work.under_way("one"), "a task on node one", 60)
    progress("killing a worker of node one with SIGKILL while it works")
    os.kill(victim, signal.SIGKILL)
    debugs = {"two": settled_debug(work, nodes, "two", workers, 0)}
    second.wait_for(lambda: len(work.done()) > work.sent // 3 and work.under_way("two"), "a task on node two", 60)
    progress("killing all of node two with SIGKILL while it works")
    second.signal(signal.SIGKILL)
    second.process.wait()
    left = work.sent - len(work.done())
    progress("waiting for the tasks that are left")
    try:
        first.wait_for(lambda: len(work.done()) == work.sent, "all %d tasks" % work.sent, 60)
    except ServerError as error:
        print(error, file=sys.stderr)
    debugs["one"] = settled_debug(work, nodes, "one", workers, 1)
    return debugs, victim, left


def tally(work, left):
    done = work.done()
    begun = collections.Counter(line["number"] for line in work.lines("begun"))
    return {
        "sent": work.sent,
        "done": len(done),
        "lost": work.sent - len(done),
        "begun_again": sum(1 for count in begun.values() if count > 1),
        "left_when_node_two_died": left,
        "by_node": dict(sorted(collections.Counter(line["node"] for line in done.values()).items())),
        "tokens": len({line["coin"]["token"] for line in work.lines("done")}),
    }


def problems_of_work(work, count):
    problems = []
    if count["lost"]:
        problems.append("%d of %d tasks were lost" % (count["lost"], count["sent"]))
    if set(count["by_node"]) != set(NODES):
        problems.append("only node %s did tasks" % " and ".join(count["by_node"]))
    if not count["begun_again"] or not count["left_when_node_two_died"]:
        problems.append("nobody died in the middle of a task: this run shows nothing")
    lines = work.lines("done")
    if count["tokens"] != len(lines):
        problems.append("%d answers have only %d different tokens" % (len(lines), count["tokens"]))
    strangers = [line for line in lines if line["coin"]["cached_by"] != line["coin"]["pid"] or line["pid"] != line["coin"]["pid"]]
    if strangers:
        problems.append("%d answers came from what another process had cached" % len(strangers))
    return problems


def show(debugs, count, victim):
    print()
    print("  " + picture.strong("two nodes of celery, one library"))
    print()
    picture.show_facts(debugs["one"])
    for name in NODES:
        debug = debugs[name]
        victims = {victim} if name == "one" else {process["pid"] for process in debug["processes"]}
        print("  " + picture.strong("node %s" % name) + picture.faint("   %d tasks" % count["by_node"].get(name, 0)))
        hooks = picture.show_processes(debug, victims)
    picture.show_legend(debugs["one"], hooks, "was killed with SIGKILL while it worked: first a worker, then all of node two.")
    for name in NODES:
        picture.show_incidents(debugs[name]["incidents"])
    print("  %(sent)d tasks sent, %(done)d done, %(lost)d lost; %(begun_again)d begun again after a death; "
          "%(left_when_node_two_died)d left when node two died" % count)
    print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--program", help="the Python that has Celery")
    arguments = parser.parse_args()
    broker = os.environ["FORKSAFE_TEST_RABBITMQ"] + "//"
    here = str(pathlib.Path(__file__).resolve().parent)

    with tempfile.TemporaryDirectory(prefix="forksafe-") as directory:
        work = Work(broker, pathlib.Path(directory, "ledger"))
        nodes = {name: Node("celery", arguments.directory, "mint", pathlib.Path(directory, "log-" + name), arguments.workers,
                            application="tasks", broker=broker, node=name, program=arguments.program,
                            options=["--queues", "work," + name],
                            environment={"LEDGER": str(work.ledger), "PYTHONPATH": here, "PYTHONDONTWRITEBYTECODE": "1"})
                 for name in NODES}
        progress("starting two nodes")
        with nodes["one"], nodes["two"]:
            debugs, victim, left = drive(work, nodes, arguments.workers)
            status = nodes["one"].stop()
        progress("")
        count = tally(work, left)
        problems = problems_of_work(work, count)
        for name, replacements in (("one", 1), ("two", 0)):
            problems += ["node %s: %s" % (name, problem)
                         for problem in problems_of(debugs[name], arguments.workers, replacements)]
        if status != 0:
            problems.append("node one ended with status %s, not 0" % status)
        if arguments.json:
            print(json.dumps({"tasks": count, "killed": victim,
                              "nodes": {name: document(debug) for name, debug in debugs.items()}}), flush=True)
        else:
            show(debugs, count, victim)
        stream = sys.stderr if arguments.json else sys.stdout
        for problem in problems:
            print(picture.bad("not as it should be: " + problem, stream), file=stream)
        if not problems:
            print(picture.good("no task was lost, and every expected event was heard exactly once in each process of both nodes",
                               stream), file=stream)
        return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServerError as error:
        progress("")
        print("examples/run: %s" % error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
