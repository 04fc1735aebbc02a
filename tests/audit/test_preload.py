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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "support"))

from server import end, free_port  # noqa: E402

LIBRARY = os.environ["FORKSAFE_AUDIT_LIBRARY"]

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]
"""

# Opens a connection and starts a thread before the fork, as an import without care for forks does.
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


class Preload:
    """The common parts of the cases."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-audit-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.report_path = self.directory / "audit"
        # The backlog accepts connections, in a process that is not audited.
        stranger = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(stranger.close)
        self.environment = {**os.environ, "LD_PRELOAD": LIBRARY, "FORKSAFE_AUDIT_FILE": str(self.report_path),
                            "STRANGER": str(stranger.getsockname()[1]), "PYTHONDONTWRITEBYTECODE": "1"}

    def reports(self):
        if not self.report_path.exists():
            return []
        return [json.loads(line) for line in self.report_path.read_text().splitlines()]

    def findings(self):
        """The findings of each report. Each process writes one."""
        return [sorted((one["severity"], one["what"].split(",")[0], one["repair"]) for one in report["findings"])
                for report in self.reports()]

    def log(self):
        return (self.directory / "log").read_text()

    def wait_for_reports(self, count, process):
        self.wait_for(lambda: len(self.reports()) >= count, "no report of %d workers" % count, process)

    def wait_for_thread(self, process):
        """Waits until a process has a thread beside its first."""
        self.wait_for(lambda: len(os.listdir("/proc/%d/task" % process.pid)) > 1, "no thread", process)

    def wait_for(self, condition, complaint, process):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertIsNone(process.poll(), self.log())
            self.assertLess(time.monotonic(), deadline, "%s:\n%s" % (complaint, self.log()))
            time.sleep(0.05)

    def serve(self, program, application, *options, during=None):
        if shutil.which(program) is None:
            self.skipTest("there is no %s here" % program)
        (self.directory / "application.py").write_text(application)
        port = free_port()
        with (self.directory / "log").open("w") as file:
            process = subprocess.Popen([program, *options, "127.0.0.1:%d" % port], env=self.environment,
                                       cwd=self.directory, stdout=file, stderr=file)
        try:
            self.wait_for_reports(2, process)
            if during is not None:
                during(process)
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b""
                while chunk := client.recv(4096):
                    answer += chunk
            self.assertTrue(answer.endswith(b"fine"), answer)
        finally:
            end(process)
        workers = [report["process"] for report in self.reports()]
        self.assertEqual(len(workers), len(set(workers)), "a worker reports once")


class Gunicorn(Preload, unittest.TestCase):
    def gunicorn(self, application, program="gunicorn", during=None):
        self.serve(program, application, "--preload", "--workers", "2", "application:application", "--bind", during=during)

    def test_clean_debian(self):
        self.gunicorn(APPLICATION)
        self.assertEqual(self.findings(), [[], []])

    def test_clean_newest(self):
        """The arbiter ends the thread of its control socket before each fork of a replacement."""
        def replace_workers(process):
            for replacement in range(1, 7):
                os.kill(self.reports()[-1]["process"], signal.SIGKILL)
                self.wait_for_reports(2 + replacement, process)
                # The arbiter starts the thread again after each fork.
                self.wait_for_thread(process)

        venv = pathlib.Path(os.environ["FORKSAFE_GUNICORN_VENV"])
        self.gunicorn(APPLICATION, str(venv / "bin" / "gunicorn"), replace_workers)
        self.assertEqual(self.findings(), [[]] * 8)
        self.assertIn("Control socket listening", self.log())

    def test_careless_application(self):
        self.gunicorn(CARELESS)
        expected = [("error", "connected socket", "DropAndReopen"), ("error", "thread 'gunicorn'", "StopRestart")]
        self.assertEqual(self.findings(), [expected, expected])
        self.assertIn("127.0.0.1:" + self.environment["STRANGER"], self.report_path.read_text())


class Uwsgi(Preload, unittest.TestCase):
    def uwsgi(self, application, *options):
        if not pathlib.Path("/usr/lib/uwsgi/plugins/python3_plugin.so").exists():
            self.skipTest("uWSGI's plugin for Python is not installed")
        self.serve("uwsgi", application, "--plugin", "python3", "--master", "--workers", "2", "--die-on-term",
                   "--wsgi-file", "application.py", *options, "--http-socket")

    def test_clean(self):
        self.uwsgi(APPLICATION)
        self.assertEqual(self.findings(), [[], []])

    def test_clean_with_mule_and_spooler(self):
        self.uwsgi(APPLICATION, "--mule", "--spooler", str(self.directory))
        self.assertEqual({len(findings) for findings in self.findings()}, {0}, self.report_path.read_text())

    def test_socket_pair_of_the_application(self):
        """A socket like uWSGI's own in everything but its maker."""
        self.uwsgi("import os, socket\npair = socket.socketpair()\n"
                   "for end in pair: end.setblocking(False), end.set_inheritable(True)\n" + APPLICATION)
        found = ("info", "UNIX socket to an ancestor", "Inherit")
        self.assertEqual(self.findings(), [[found, found]] * 2)


class Python(Preload, unittest.TestCase):
    def run_python(self, text, **environment):
        done = subprocess.run([sys.executable, "-c", text], env={**self.environment, **environment}, timeout=60,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

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

    def test_report_whose_file_cannot_be_made(self):
        nowhere = str(self.directory / "none" / "audit")
        done = self.run_python(FORKS % "time.sleep(0.01); os._exit(0)", FORKSAFE_AUDIT_FILE=nowhere)
        self.assertRegex(done.stderr, r"forksafe audit: process \d+, forked by \d+: 1 finding\n")

    def test_helper_that_only_ends(self):
        self.run_python("import os\nif os.fork() == 0: os._exit(0)\nos.wait()")
        self.assertEqual(self.reports(), [])

    def test_allowed(self):
        reason = "the other end expects several processes"
        self.run_python(FORKS % "time.sleep(0.01); os._exit(0)", FORKSAFE_AUDIT_ALLOW="socket *:%s: %s" % (self.environment["STRANGER"], reason))
        self.assertEqual(self.findings(), [[]])
        self.assertEqual([allowed["reason"] for allowed in self.reports()[0]["allowed"]], [reason])

    def test_allowed_without_reason(self):
        done = self.run_python(FORKS % "time.sleep(0.01); os._exit(0)", FORKSAFE_AUDIT_ALLOW="socket *:" + self.environment["STRANGER"])
        self.assertEqual(self.findings(), [[("error", "connected socket", "DropAndReopen")]])
        self.assertIn("forksafe audit: FORKSAFE_AUDIT_ALLOW: 'socket *:%s' allows nothing: say why" % self.environment["STRANGER"], done.stderr)

    def test_blocked_signals(self):
        """A signal is blocked for good, or only while the child waits for work."""
        wait = "import ctypes; ctypes.CDLL(None).ppoll(None, 0, (ctypes.c_long * 2)(0, 1000), ctypes.create_string_buffer(128))"
        for child, expected in (("time.sleep(0.01)", [("error", "blocked SIGTERM", "pthread_sigmask() in ApplicationPostFork, or before the fork")]),
                                (wait, []), ("signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM}); time.sleep(0.01)", [])):
            self.report_path.unlink(missing_ok=True)
            self.run_python("import os, signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})\n"
                            "if os.fork() == 0: %s; os._exit(0)\nos.wait()" % child)
            self.assertEqual(self.findings(), [expected])

    def test_write_that_ends_the_child(self):
        """Python ignores SIGPIPE unless a program changes that."""
        self.run_python("import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)" + FORKS % "time.sleep(0.01); os._exit(0)")
        self.assertEqual(self.findings(), [[("error", "connected socket", "DropAndReopen"),
                                            ("warning", "default action of SIGPIPE", "DropAndReopen for the connections, or SIG_IGN before the fork")]])

    def test_cost_of_the_fork(self):
        self.run_python("import os, time\nmuch = bytes(range(256)) * (1 << 18)\nif os.fork() == 0: time.sleep(0.01); os._exit(0)\nos.wait()")
        memory = self.reports()[0]["memory"]
        self.assertGreater(memory["anonymous"], 1 << 26)
        self.assertGreater(memory["resident"], memory["anonymous"])
        self.assertGreater(memory["page_tables"], 0)

    def test_use_is_not_watched(self):
        self.run_python(FORKS % "connection.send(b'x'); time.sleep(0.01); os._exit(0)")
        self.assertEqual(self.findings(), [[("error", "connected socket", "DropAndReopen")]])

    def test_use_is_reported(self):
        for call, how in (("connection.send(b'x')", "send()"), ("os.write(connection.fileno(), b'x')", "write()"),
                          ("os.writev(connection.fileno(), [b'x'])", "writev()"), ("connection.sendmsg([b'x'])", "sendmsg()"),
                          ("connection.sendto(b'x', ('127.0.0.1', 9))", "sendto()"), ("connection.shutdown(socket.SHUT_WR)", "shutdown()")):
            self.report_path.unlink(missing_ok=True)
            self.run_python(FORKS % ("%s; %s; time.sleep(0.01); os._exit(0)" % (call, call)), FORKSAFE_AUDIT_USE="report")
            self.assertEqual(self.findings(), [[("critical", how + " on connected socket", "DropAndReopen")],
                                               [("error", "connected socket", "DropAndReopen")]])

    def test_use_aborts(self):
        done = self.run_python("import os, socket\nconnection = socket.create_connection(('127.0.0.1', int(os.environ['STRANGER'])))\n"
                               "if os.fork() == 0: connection.send(b'x'); os._exit(0)\nprint(os.WTERMSIG(os.wait()[1]))",
                               FORKSAFE_AUDIT_USE="abort")
        self.assertEqual(done.stdout, "%d\n" % signal.SIGABRT)
        self.assertEqual(self.findings(), [[("critical", "send() on connected socket", "DropAndReopen")]])


if __name__ == "__main__":
    unittest.main()
