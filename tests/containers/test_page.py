# SPDX-License-Identifier: MIT
"""The page, served by the real container."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket

import scenarios

PAGE = "/forksafe"
LIMIT = 60_000


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(str(self.path))


class PageScenario(scenarios.Scenario):
    def serve_page(self, *options, **settings):
        return self.serve(*options, settings={"page.path": PAGE, "db.password": "hunter2", "motto": "<b>'\"&", **settings})

    def ask(self, running, target, method="GET", **headers):
        """Status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()


class Page(PageScenario):
    def test_neither_log_nor_page_shows_a_secret_that_was_thrown(self):
        running = self.serve_page(**{"trouble.on": "ApplicationPreFork", "trouble.text":
                                     "cannot reach postgresql://shop:h@nter/2@db/shop with {'token': 'hidden-3'}"})
        running.wait_for(lambda: len(self.trace("WorkerReady")) == 2, "two workers")
        self.assertEqual(500, self.ask(running, "/throw")[0])
        running.wait_for(lambda: "the request handler failed" in running.log_text(), "the line about the handler")
        shown = running.log_text() + "".join(self.ask(running, PAGE + form)[2] for form in ("", "?format=json", "?format=metrics"))
        self.assertIn("threw: cannot reach postgresql://***@db/shop", shown)
        self.assertIn("failed on /throw: it threw: cannot reach postgresql://***@db/shop", shown)
        for secret in ("h@nter", "nter/2", "hidden-3"):
            self.assertNotIn(secret, shown)

    def test_a_setting_that_nothing_reads_is_said(self):
        running = self.serve_page(**{"page.alow": "any"})
        running.wait_for(lambda: len(self.trace("WorkerReady")) == 2, "two workers")
        line = "PROBE_PAGE_ALOW: nothing reads page_alow: did you mean page.allow?"
        self.assertEqual(1, running.log_text().count(line), running.log_text())
        self.assertIn(line, " ".join(json.loads(self.ask(running, PAGE + "?format=json")[2])["autoconfigure.log"]))

    def test_it_shows_the_server_in_all_forms(self):
        running = self.serve_page()
        running.wait_for(lambda: len(self.trace("WorkerReady")) == 2, "two workers")
        status, headers, body = self.ask(running, PAGE)
        self.assertEqual(200, status)
        self.assertEqual("text/html; charset=utf-8", headers["Content-Type"])
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertEqual("no-store", headers["Cache-Control"])
        self.assertLessEqual(len(body.encode()), LIMIT)
        self.assertIn("<h1>All 2 workers are ready</h1>", body)
        for event in self.trace("WorkerReady"):
            self.assertIn("pid %d" % event.pid, body)
        self.assertIn("&lt;b&gt;&#39;&quot;&amp;", body)
        for target in (PAGE, PAGE + "?format=json", PAGE + "?format=metrics"):
            self.assertNotIn("hunter2", self.ask(running, target)[2])

        _, headers, body = self.ask(running, PAGE, Accept="application/json")
        self.assertEqual("application/json", headers["Content-Type"])
        self.assertEqual(2, sum(one["alive"] for one in json.loads(body)["processes"] if one["role"] == "worker"))

        _, headers, body = self.ask(running, PAGE, Accept="application/openmetrics-text; version=1.0.0, */*;q=0.1")
        self.assertEqual("application/openmetrics-text; version=1.0.0; charset=utf-8", headers["Content-Type"])
        self.assertTrue(body.endswith("# EOF\n"))
        self.assertIn('forksafe_processes{role="worker",state="alive"} 2\n', body)

        status, headers, body = self.ask(running, PAGE, method="HEAD")
        self.assertEqual((200, ""), (status, body))
        status, headers, body = self.ask(running, PAGE, method="POST")
        self.assertEqual((405, "GET, HEAD"), (status, headers["Allow"]))
        self.assertTrue(self.ask(running, "/echo")[2].startswith("GET /echo"))

    def test_it_shows_a_killed_worker_and_its_replacement(self):
        running = self.serve_page()
        running.wait_for(lambda: len(self.trace("WorkerReady")) == 2, "two workers")
        victim = self.trace("WorkerReady")[0]
        os.kill(victim.pid, signal.SIGKILL)
        running.wait_for(lambda: len(self.trace("WorkerReady")) == 3, "a replacement")

        def replaced():
            body = self.ask(running, PAGE)[2]
            return "<h1>All 2 workers are ready</h1>" in body and "worker %d #2" % victim.slot in body and body

        body = running.wait_for(replaced, "the replacement on the page")
        lane = re.search(r'<div class="lane (\w+)" id="p%d-.*' % victim.pid, body)
        self.assertEqual("died", lane[1])
        self.assertIn("#k-died", lane[0])

    def test_it_is_off_unless_asked_for(self):
        self.assertEqual(404, self.serve().get(PAGE)[0])

    def test_who_may_not_see_it(self):
        running = self.serve_page(**{"page.allow": "10.0.0.0/8"})
        self.assertEqual("127.0.0.1", running.get("/peer")[1])
        for headers in ({}, {"X_Forwarded_For": "10.0.0.7"}, {"REMOTE_ADDR": "10.0.0.7"}, {"Forwarded": "for=10.0.0.7"}):
            status, _, body = self.ask(running, PAGE, **headers)
            self.assertEqual(403, status, headers)
            self.assertIn("page.allow is '10.0.0.0/8', and the request came from 127.0.0.1", body)

    def test_a_proxy_on_this_machine_is_not_this_machine(self):
        running = self.serve_page()
        self.assertEqual(200, self.ask(running, PAGE)[0])
        self.assertEqual(403, self.ask(running, PAGE, X_Forwarded_For="203.0.113.9")[0])
        self.assertEqual(403, self.ask(running, PAGE, Host="shop.example")[0])

    def statuses(self, running, *fields, target=PAGE):
        """The status of the answer to a request with these header lines, over HTTP/1.1 and over HTTP/1.0."""
        answers = []
        for version in ("1.1", "1.0"):
            with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
                lines = ["HEAD %s HTTP/%s" % (target, version), *fields, "Connection: close", "", ""]
                connection.sendall("\r\n".join(lines).encode())
                answers.append(connection.makefile("rb").read())
        return {int(answer.split(b" ", 2)[1]) if answer else None for answer in answers}

    def test_no_spelling_of_forwarding_passes(self):
        running = self.serve_page()
        here = "Host: 127.0.0.1"
        self.assertEqual({200}, self.statuses(running, here, "User-Agent: a"))
        for name in ("X-Forwarded-For", "X_Forwarded_For", "x-forwarded-for", "X-Forwarded-Host", "X-FORWARDED-PROTO", "X-Forwarded-Port",
                     "X-Forwarded-Server", "Forwarded", "Via", "X-Real-IP", "x_real_ip", "X-Client-IP", "True-Client-IP",
                     "CF-Connecting-IP", "X-Cluster-Client-IP", "X-Original-Host", "X-Envoy-External-Address"):
            for fields in ((here, name + ": 203.0.113.9"), (here, name + ": "), (name + ": 127.0.0.1", name + ": ", here),
                           (here, name + ": ", name + ": 203.0.113.9")):
                self.assertEqual({403}, self.statuses(running, *fields), fields)
            # A container need not accept such a line as a header.
            self.assertLessEqual(self.statuses(running, here, name + ":"), {400, 403, None}, name)
        self.assertEqual({200}, self.statuses(running, here))

    def test_no_other_host_passes(self):
        hosts = ("evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.1.evil.example", "127.0.0.1:80:80",
                 "[::1", "localhost.", "127.1", "0x7f.1", "")
        for settings in ({}, {"page.allow": "127.0.0.0/8"}, {"page.allow": "10.0.0.0/8, 127.0.0.1", "page.host": "shop.example"}):
            running = self.serve_page(**settings)
            for host in ("127.0.0.1:%d" % running.port, "LocalHost", "[::1]:80"):
                self.assertEqual({200}, self.statuses(running, "Host: " + host), (settings, host))
            for host in hosts:
                self.assertLessEqual(self.statuses(running, "Host: " + host), {400, 403, None}, (settings, host))
            for fields in ((), ("Host: localhost", "Host: evil.example"), ("Host: evil.example", "Host: localhost")):
                self.assertLessEqual(self.statuses(running, *fields), {400, 403}, (settings, fields))
            self.assertEqual({403}, self.statuses(running, "Host: localhost", target="http://evil.example" + PAGE))
            self.assertEqual({403}, self.statuses(running, "Host: evil.example", target="http://localhost" + PAGE))
            self.assertEqual({200}, self.statuses(running, "Host: localhost", target="HTTP://localhost" + PAGE))
            named = {200} if "page.host" in settings else {403}
            self.assertEqual(named, self.statuses(running, "Host: shop.example:80"), settings)
            running.stop()

    def test_a_server_whose_page_cannot_be_meant_does_not_start(self):
        running = self.make_server(settings={"page.path": PAGE, "page.allow": "localnet"}).start(wait=False)
        running.process.wait(60)
        self.assertNotEqual(0, running.process.returncode)
        self.assertIn("page.allow: 'localnet' is not an address", running.log_text())
        running = self.make_server(settings={"page.path": PAGE, "page.host": "http://shop/"}).start(wait=False)
        running.process.wait(20)
        self.assertIn("page.host: 'http://shop/' is not a host", running.log_text())


class Sockets(PageScenario):
    """The abilities of only some containers."""

    def over(self, path):
        connection = UnixConnection(path)
        with contextlib.closing(connection):
            connection.request("GET", PAGE)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def check_unix_socket(self, *options):
        path = self.directory / "socket"
        options = [option.replace("PATH", str(path)) for option in options]
        running = self.serve_page(*options)
        running.wait_for(path.exists, "the socket")
        status, body = self.over(path)
        self.assertEqual(403, status)
        self.assertIn("came over a UNIX socket", body)
        running.stop()
        path.unlink(missing_ok=True)
        running = self.serve_page(*options, **{"page.allow": "any"})
        running.wait_for(path.exists, "the socket")
        self.assertEqual(200, self.over(path)[0])

    def test_unix_socket_of_uwsgi(self):
        self.check_unix_socket("--http-socket=PATH", "--http-socket-modifier1=" + os.environ.get("FORKSAFE_UWSGI_MODIFIER", "177"))

    def test_unix_socket_of_gunicorn(self):
        self.check_unix_socket("--bind=unix:PATH")

    def test_log_x_forwarded_for_of_uwsgi(self):
        running = self.serve_page("--log-x-forwarded-for")
        self.assertEqual("127.0.0.1", self.ask(running, "/peer", X_Forwarded_For="10.0.0.7")[2])
