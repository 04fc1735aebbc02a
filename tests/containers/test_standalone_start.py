# SPDX-License-Identifier: MIT
"""How the embedded server starts, refuses to start, and runs an application that answers no requests."""

import os
import re
import signal
import socket
import subprocess
import unittest

import scenarios
from scenarios import server
from test_standalone import StandaloneScenario


class Start(StandaloneScenario):
    def run_once(self, *options, program="probe", unprivileged=False, **environment):
        """Exit status, output and log of a start that ends by itself; as another user than root, if one is given."""
        path = server.artefact("standalone", os.environ["FORKSAFE_ARTEFACTS"], program)
        user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"] if unprivileged and os.geteuid() == 0 else []
        done = subprocess.run([*user, str(path), *options], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment})
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, status, options, *texts, **environment):
        found, _, log = self.run_once(*options, **environment)
        self.assertEqual(status, found, log)
        for text in texts:
            self.assertIn(text, log)
        self.assertEqual(1, log.count("\n"), log)

    def test_help_and_version(self):
        status, page, _ = self.run_once("--help")
        self.assertEqual(0, status)
        for option in ("bind", "workers", "settings", "set", "timeout", "drain", "start-timeout", "read-timeout", "max-body",
                       "max-requests"):
            self.assertIn("--" + option + " ", page)
        self.assertEqual((0, page), self.run_once("-h")[:2])
        status, page, _ = self.run_once("--version")
        self.assertEqual(0, status)
        self.assertRegex(page, r"^probe on forksafe \d+\.\d+\.\d+\n$")

    def test_wrong_command_lines(self):
        for options, *texts in ((["--worker", "2"], "unknown option '--worker'", "--help"), (["extra"], "unknown option 'extra'"),
                                (["--workers"], "--workers needs a value", "--workers N"),
                                (["--bind="], "--bind needs a value", "--bind HOST:PORT"), (["--work=2"], "unknown option '--work"),
                                (["--", "--help"], "unknown option '--help'"), (["-w", "2"], "unknown option '-w'"),
                                (["--set", "-h"], "--set needs a value: write --set NAME=VALUE"),
                                (["--workers", "0"], "--workers is '0'", "from 1 to 256"), (["--workers=many"], "'many'"),
                                (["--set", "novalue"], "--set novalue: not NAME=VALUE"),
                                (["--help=yes"], "--help takes no value"),
                                (["--max-body", "-1"], "--max-body is '-1'"), (["--timeout", "99999999999999999999"], "--timeout")):
            self.assert_refused(2, options, *texts)

    def test_wrong_addresses(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            self.assert_refused(1, ["--bind", address], "cannot listen on " + address + ": Address already in use - ",
                                "choose another address with --bind")
        for address, text in (("127.0.0.1", "no port"), ("127.0.0.1:http", "'http' is not a port"),
                              (":8000", "write 0.0.0.0:8000"), ("::1:8000", "without brackets"),
                              ("127.0.0.1:65536", "from 0 to 65535"),
                              ("192.0.2.1:8000", "Cannot assign requested address"), ("no.such.host.invalid:1", "cannot listen")):
            self.assert_refused(1, ["--bind", address], text)

    def test_settings_that_cannot_be_read(self):
        malformed = self.directory / "malformed.ini"
        malformed.write_text("[app:main\n")
        no_number = self.directory / "number.ini"
        no_number.write_text("[app:main]\nstandalone.workers = lots\n")
        huge = self.directory / "huge.ini"
        huge.write_bytes(b"[app:main]\nx = " + b"x" * 64 * 1024 * 1024)
        missing = self.directory / "missing.ini"
        self.assert_refused(1, ["--settings", str(missing)], str(missing))
        self.assert_refused(1, ["--settings", str(malformed)], str(malformed) + ":1")
        self.assert_refused(1, ["--settings", str(malformed) + "#other"], str(malformed))
        self.assert_refused(1, ["--settings", str(no_number)], "number.ini:2: standalone.workers is 'lots'", "from 1 to 256")
        self.assert_refused(1, ["--settings", str(self.directory)], str(self.directory))
        self.assert_refused(1, ["--settings", str(huge)], str(huge))

    def test_an_option_that_there_is_not_is_said_with_the_one_that_was_meant(self):
        ini = self.directory / "shop.ini"
        ini.write_text("[app:main]\nstandalone.wokers = 3\n")
        running = self.serve("--settings", str(ini), workers=1)
        self.assertIn("%s:2: nothing reads standalone.wokers: did you mean standalone.workers?" % ini, running.log_text())

    def test_unreadable_settings(self):
        unreadable = self.directory / "unreadable.ini"
        unreadable.touch(0o000)
        self.assert_refused(1, ["--settings", str(unreadable)], str(unreadable) + ": Permission denied for user id ",
                            unprivileged=True)

    def test_settings_in_their_order(self):
        ini = self.directory / "shop.ini"
        ini.write_text("[app:other]\ncolour = red\nsize = 1\nshape = round\nstandalone.workers = 3\n"
                       "standalone.drain = 7\nstandalone.max-body = 5\n")
        running = self.make_server("--settings", "%s#other" % ini, "--set", "size=3", "--max-body", "9", workers=2,
                                   settings={"size": 2, "shape": "square"}).start()
        expected = {"colour": "red from %s:2" % ini, "size": "3 from --set", "shape": "square from environment PROBE_SHAPE",
                    "standalone.workers": "2 from --workers", "standalone.drain": "7 from %s:6" % ini,
                    "standalone.max-body": "9 from --max-body", "standalone.timeout": "30 from default"}
        self.assertEqual(expected, {name: running.get("/settings?name=" + name)[1] for name in expected})

    def test_load_that_throws(self):
        status, _, log = self.run_once("--set", "refuse=no database", program="hooksonly", HOOKSONLY_TRACE=str(self.trace_path))
        self.assertEqual(1, status)
        self.assertIn("hooksonly: no database", log)
        self.assertEqual(["ApplicationServerStarting"], [line.split()[0] for line in self.trace_path.read_text().splitlines()])

    def serve_on(self, address):
        """Starts the server on this address, and returns the address in its log."""
        running = self.make_server("--bind", address, workers=1).start(wait=False)
        running.wait_for(lambda: self.trace("WorkerReady"), "a worker")
        return re.search(r"listening on http://(\S+) with 1 worker, pid %d\n" % running.pid, running.log_text()).group(1)

    def test_any_free_port(self):
        host, port = self.serve_on("127.0.0.1:0").split(":")
        self.assertNotEqual("0", port)
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            self.assertIn(b" 200 ", connection.recv(4096))

    def test_ipv6(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError as error:
            self.skipTest("this machine has no IPv6: %s" % error)
        address = self.serve_on("[::1]:0")
        self.assertTrue(address.startswith("[::1]:"), address)
        with socket.create_connection(("::1", int(address.rsplit(":", 1)[1])), timeout=20) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            self.assertIn(b" 200 ", connection.recv(4096))

    @unittest.skipUnless(os.geteuid() == 0, "only root may give a host addresses of its own here")
    def test_a_host_of_which_the_first_address_is_elsewhere(self):
        """Runs in a new network namespace, so that the order of the addresses is known."""
        hosts = self.write("hosts", "203.0.113.9 twofold\n192.0.2.1 twofold\n")
        order = self.write("gai.conf", "precedence ::ffff:203.0.113.0/120 100\nprecedence ::ffff:0:0/96 10\n")
        become = self.write("become", """#!/bin/sh
            mount --bind %s /etc/hosts && mount --bind %s /etc/gai.conf && ip link set lo up && ip address add 192.0.2.1/24 dev lo &&
            ip route add 203.0.113.0/24 dev lo && exec "$@"\n""" % (hosts, order))
        found = subprocess.run(["unshare", "-n", "-m", become, "getent", "ahosts", "twofold"], capture_output=True, text=True)
        if not found.stdout.startswith("203.0.113.9"):
            self.skipTest("no network with these addresses here: %s" % (found.stdout + found.stderr))

        class Elsewhere(server.Server):
            def command(self):
                return ["unshare", "-n", "-m", become, *super().command()]

        running = self.make_server("--bind", "twofold:8000", workers=1, make=Elsewhere).start(wait=False)
        running.wait_for(lambda: self.trace("WorkerReady"), "a worker")
        self.assertIn("listening on http://192.0.2.1:8000 with", running.log_text())


class HooksOnly(scenarios.Scenario):
    application = "hooksonly"

    def lines(self):
        text = self.trace_path.read_text() if self.trace_path.exists() else ""
        return [(name.removeprefix("Application"), int(pid)) for name, pid in map(str.split, text.splitlines())]

    def test_life_without_requests(self):
        running = self.make_server(workers=2, environment={"HOOKSONLY_TRACE": str(self.trace_path)}).start(wait=False)
        running.wait_for(lambda: [name for name, _ in self.lines()].count("WorkerReady") == 2, "two workers")
        self.assertIn("no request handler, so no socket is opened; running with 2 workers", running.log_text())
        with self.assertRaises(OSError):
            running.get("/")
        workers = scenarios.descendants(running.pid)
        os.kill(workers[0], signal.SIGKILL)
        running.wait_for(lambda: [name for name, _ in self.lines()].count("WorkerReady") == 3, "a replacement")
        self.assertEqual(0, running.stop())
        at_end = {pid: [name for name, of in self.lines() if of == pid][-2:] for _, pid in self.lines()}
        self.assertEqual(["atexit", "destructor"], at_end.pop(running.pid))
        self.assertEqual(["PostWorkerInit", "WorkerReady"], at_end.pop(workers[0]))
        self.assertEqual([["WorkerReady", "WorkerExit"]] * 2, list(at_end.values()))
        self.assertEqual(1, running.log_text().count("written before the fork, once"))
