# SPDX-License-Identifier: MIT
"""The commands on the pages that start a container: each is run as it stands, in a folder with the files of its page.

Only the port is another one, and the address of Celery's broker.
"""

import os
import pathlib
import re
import shlex
import signal
import subprocess
import unittest

import scenarios
from scenarios import descendants, server

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTAINER = os.environ.get("FORKSAFE_CONTAINER", "")
ARTEFACTS = pathlib.Path(os.environ.get("FORKSAFE_ARTEFACTS", "."))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
#: How a command of each container begins, after the variables of its environment.
BEGINS = {"standalone": r"\./(build/|shop )", "uwsgi": "uwsgi ", "gunicorn": "gunicorn ", "celery": "python3 -m celery "}
WSGI = '''
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"from Python"]
'''
#: Sends a task, and returns when a worker's node has it: a node that is asked to stop ends the tasks that it has.
SEND = '''
import {app}
{app}.{task}.delay({arguments})
while not any(node["total"].get("{app}.{task}") for node in ({app}.app.control.inspect().stats() or {{}}).values()):
    pass
'''


def commands_of(page):
    """The commands of a page that start this container."""
    for language, block in FENCE.findall(page):
        if language == "sh":
            for line in block.splitlines():
                if re.match(r"([A-Z_]+=\S+ )*" + BEGINS[CONTAINER], line):
                    yield line


class Started(server.Server):
    """A command of a page, as a running server."""

    def __init__(self, line, log, folder, environment):
        self.line = line
        super().__init__(CONTAINER, folder, "shop", log, environment=environment)
        self.folder = folder

    def start(self, wait=True):
        line = re.sub(r"127\.0\.0\.1:80[08]0", self.address, self.line)
        environment = {**os.environ, **self.environment, "GUNICORN_CMD_ARGS": "--bind " + self.address}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["bash", "-c", "exec env " + line], cwd=self.folder, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=environment, start_new_session=True)
        return self


class Pages(scenarios.Scenario):
    def setUp(self):
        super().setUp()
        self.page = (ROOT / "policies" / CONTAINER / "README.md").read_text()
        self.folder = self.directory / "folder"
        (self.folder / "build").mkdir(parents=True)
        (self.folder / "build" / CONTAINER).symlink_to(ARTEFACTS)
        (self.folder / "examples").symlink_to(ROOT / "examples")
        for path in [*ARTEFACTS.glob("shop*"), *ARTEFACTS.glob("tokens*")]:
            (self.folder / path.name).symlink_to(path)
        self.orders = self.directory / "orders.txt"
        (self.folder / "shop.ini").write_text("[app:main]\norders.path = %s\n" % self.orders)
        (self.folder / "app.py").write_text(WSGI)
        # The pages speak of the system's programs, which examples/setup installs.
        self.environment = {"SHOP_ORDERS_PATH": str(self.orders), "PYTHONDONTWRITEBYTECODE": "1",
                            "PATH": "/usr/bin:" + os.environ["PATH"]}
        if CONTAINER == "celery":
            broker = os.environ["FORKSAFE_TEST_RABBITMQ"] + "//"
            self.page = self.page.replace("amqp://guest:guest@127.0.0.1//", broker)
            self.environment["BROKER"] = broker
        for language, block in FENCE.findall(self.page):
            name = re.match(r"# (\w+\.py)\n", block)
            if language == "python" and name:
                (self.folder / name.group(1)).write_text(block)

    def test_each_command_starts_the_container(self):
        lines = [*commands_of((ROOT / "README.md").read_text()), *commands_of(self.page)]
        self.assertGreaterEqual(len(lines), 2)
        for number, line in enumerate(lines):
            with self.subTest(line=line):
                running = Started(line, self.directory / ("log%d" % number), self.folder, self.environment).start()
                try:
                    (self.check_tasks if CONTAINER == "celery" else self.check_answer)(running)
                    # uWSGI takes SIGTERM for a reload.
                    running.signal(signal.SIGQUIT if CONTAINER == "uwsgi" else signal.SIGTERM)
                    running.process.wait(60)
                finally:
                    running.stop()
        if CONTAINER == "celery":
            self.assertEqual(self.orders.read_text(), "\n", "the task ordered once, and the worker wrote it when it exited")

    def check_answer(self, running):
        if re.search(r"\bapp[.:]", running.line):
            expected = (200, "from Python")
        elif "tokens" in running.line:
            expected = (200, None)
        else:
            expected = (201, "ordered\n")
        status, body = running.wait_for(lambda: running.request("POST", "/orders", body="one"), "an answer")
        self.assertEqual(status, expected[0], body)
        if expected[1] is None:
            self.assertRegex(body, r"\A[0-9]+\n\Z")
        else:
            self.assertEqual(body, expected[1])

    def check_tasks(self, running):
        count = int(re.search(r"--concurrency (\d+)", running.line).group(1))
        app = re.search(r"-A (\w+)", running.line).group(1)
        task, arguments = {"tasks": ("order", "1"), "draws": ("draw", "")}[app]
        running.wait_for(lambda: len(descendants(running.pid)) >= count, "%d workers" % count)
        variables = dict(word.split("=", 1) for word in shlex.split(running.line) if re.match(r"[A-Z_]+=", word))
        code = SEND.format(app=app, task=task, arguments=arguments)
        subprocess.run(["/usr/bin/python3", "-c", code], cwd=self.folder, check=True, timeout=120,
                       env={**os.environ, **self.environment, **variables})


if __name__ == "__main__":
    unittest.main()
