# SPDX-License-Identifier: MIT
"""Programs that know nothing of forksafe, under libforksafe_audit.so."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

LIBRARY = os.environ["FORKSAFE_AUDIT_LIBRARY"]

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]
"""

# Opens a connection and starts a thread before the fork, as a careless import does.
CARELESS = """
import os, socket, threading, time
connection = socket.create_connection(("127.0.0.1", int(os.environ["STRANGER"])))
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
""" + APPLICATION

FORKS = """
import os, socket, sys, time
connection = socket.create_connection(("127.0.0.1", int(os.environ["STRANGER"])))
child = os.fork()
if child == 0:
    %s
os.waitpid(child, 0)
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Preload(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-audit-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.report_path = self.directory / "audit"
        # Accepts by its backlog, in a process that is none of the audited ones.
        stranger = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(stranger.close)
        self.environment = {**os.environ, "LD_PRELOAD": LIBRARY, "FORKSAFE_AUDIT_FILE": str(self.report_path),
                            "STRANGER": str(stranger.getsockname()[1]), "PYTHONDONTWRITEBYTECODE": "1"}

    def reports(self):
        if not self.report_path.exists():
            return []
        return [json.loads(line) for line in self.report_path.read_text().splitlines()]

    def findings(self):
        """Of each report, one a process, what it found."""
        return [sorted((one["severity"], one["what"].split(",")[0], one["repair"]) for one in report["findings"])
                for report in self.reports()]

    def serve(self, program, application, *options):
        if shutil.which(program) is None:
            self.skipTest("there is no %s here" % program)
        (self.directory / "application.py").write_text(application)
        log = self.directory / "log"
        port = free_port()
        with log.open("w") as file:
            process = subprocess.Popen([program, *options, "127.0.0.1:%d" % port], env=self.environment,
                                       cwd=self.directory, stdout=file, stderr=file)
        try:
            deadline = time.monotonic() + 30
            while len(self.reports()) < 2:
                self.assertIsNone(process.poll(), log.read_text())
                self.assertLess(time.monotonic(), deadline, "no report of two workers:\n" + log.read_text())
                time.sleep(0.1)
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b""
                while chunk := client.recv(4096):
                    answer += chunk
            self.assertTrue(answer.endswith(b"fine"), answer)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
        workers = [report["process"] for report in self.reports()]
        self.assertEqual(len(workers), len(set(workers)), "a worker reports once")

    def gunicorn(self, application):
        self.serve("gunicorn", application, "--preload", "--workers", "2", "application:application", "--bind")

    def run_python(self, text):
        done = subprocess.run([sys.executable, "-c", text], env=self.environment, timeout=60, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_clean_gunicorn(self):
        self.gunicorn(APPLICATION)
        self.assertEqual(self.findings(), [[], []])

    def test_clean_uwsgi(self):
        if not pathlib.Path("/usr/lib/uwsgi/plugins/python3_plugin.so").exists():
            self.skipTest("uWSGI's plugin for Python is not installed")
        self.serve("uwsgi", APPLICATION, "--plugin", "python3", "--master", "--workers", "2", "--die-on-term",
                   "--wsgi-file", "application.py", "--http-socket")
        self.assertEqual(self.findings(), [[], []])

    def test_careless_application(self):
        self.gunicorn(CARELESS)
        expected = [("error", "connected socket", "DropAndReopen"), ("error", "thread 'gunicorn'", "StopRestart")]
        self.assertEqual(self.findings(), [expected, expected])
        self.assertIn("127.0.0.1:" + self.environment["STRANGER"], self.report_path.read_text())

    def test_fork_that_works(self):
        self.run_python(FORKS % "time.sleep(0.01); time.sleep(0.01); os._exit(0)")
        self.assertEqual(self.findings(), [[("error", "connected socket", "DropAndReopen")]])

    def test_fork_that_only_ends(self):
        self.run_python(FORKS % "os._exit(0)")
        self.assertEqual(self.findings(), [[("error", "connected socket", "DropAndReopen")]])

    def test_fork_that_executes(self):
        self.run_python(FORKS % "os.execv('/bin/true', ['true'])")
        self.assertEqual(self.findings(), [])

    def test_fork_that_fails_to_execute(self):
        self.run_python(FORKS % "\n    try: os.execv('/bin/none', ['none'])\n    except OSError: os._exit(0)")
        self.assertEqual(self.findings(), [])

    def test_helper_of_subprocess(self):
        self.run_python("import subprocess; subprocess.run(['true'], preexec_fn=lambda: None, check=True)")
        self.assertEqual(self.findings(), [])

    def test_report_on_stderr(self):
        del self.environment["FORKSAFE_AUDIT_FILE"]
        done = subprocess.run([sys.executable, "-c", FORKS % "time.sleep(0.01); os._exit(0)"], env=self.environment,
                              timeout=60, capture_output=True, text=True)
        self.assertRegex(done.stderr, r"forksafe audit: process \d+, forked by \d+: 1 finding\n  error     connected socket, "
                                      r"descriptor \d+  127.0.0.1:\d+ to 127.0.0.1:%s\n" % self.environment["STRANGER"])


if __name__ == "__main__":
    unittest.main()
