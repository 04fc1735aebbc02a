# SPDX-License-Identifier: MIT
"""HTTP requests, and the application beside uWSGI's Python plugin."""

import http.client
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from scenarios import counted, server
from uwsgi_scenario import MODIFIER, PLUGIN, PYTHON_PLUGIN, UwsgiScenario, uwsgi_packet

WSGI = '''
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"from Python"]
'''


class BesidePython(server.Server):
    """The Python plugin serves modifier 0; an application without a request handler hears events beside it."""

    def command(self):
        return ["uwsgi", "--plugin", str(PYTHON_PLUGIN), "--need-plugin", str(self.path), "--master", "--die-on-term",
                "--processes", str(self.workers), "--http-socket", self.address] + self.options


class OtherSocket(server.Server):
    """The address is another option's."""

    words = {}

    def command(self):
        return [self.words.get(word, word) for word in super().command()]


class Keeping(OtherSocket):
    words = {"--http-socket": "--http11-socket"}


class Plain(OtherSocket):
    words = {"--http-socket": "--socket"}


class Routed(OtherSocket):
    words = {"--http-socket": "--http", "--http-socket-modifier1": "--http-modifier1"}

    def command(self):
        program, *options = super().command()
        return [program, "--plugin", "http", *options]


class Requests(UwsgiScenario):
    def exchange(self, running, data):
        """The server's answer to raw bytes."""
        with socket.create_connection(("127.0.0.1", running.port), 20) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def test_echo(self):
        running = self.serve(workers=1)
        status, body = running.request("PUT", "/echo%20it?one=1&two=%32", body="text", headers={"x-probe": "heard"})
        self.assertEqual((status, body), (404, "Not Found\n"))
        status, body = running.request("PUT", "/echo?one=1&two=%32", body="a\0b", headers={
            "x-probe": "heard", "Content-Type": "text/x"})
        self.assertEqual(status, 200)
        # The headers are Host, Accept-Encoding, Content-Length, Content-Type and x-probe.
        self.assertEqual(body, "PUT /echo?one=1&two=%32 path=/echo query=one=1&two=%32 x-probe=heard headers=5\na\0b")

    def test_answers_have_their_length(self):
        running = self.serve(workers=1)
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        connection.request("GET", "/")
        response = connection.getresponse()
        self.assertEqual(response.getheader("Content-Length"), str(len(response.read())))
        self.assertEqual(response.getheader("Content-Type"), "text/plain")
        connection.close()

    def connections_after(self, running, *requests):
        """What each answer over one client says of the connection, which the client opens again where it was said to close."""
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        self.addCleanup(connection.close)
        said = []
        for method, path, body in requests:
            connection.request(method, path, body)
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.status, 200)
            said.append(response.getheader("Connection"))
        return said

    def test_closed_connections(self):
        running = self.serve(workers=1)
        requests = [("GET", "/", None), ("POST", "/echo", "body"), ("HEAD", "/", None), ("GET", "/big?bytes=9000", None)]
        self.assertEqual(self.connections_after(running, *requests), ["close"] * 4)

    def test_kept_connections(self):
        running = self.make_server(workers=1, make=Keeping).start()
        self.assertEqual(self.connections_after(running, *[("GET", "/", None), ("POST", "/echo", "body")] * 2), [None] * 4)
        # uWSGI closes a connection that has a body which nobody has read.
        self.assertEqual(self.connections_after(running, ("POST", "/", "body"), ("GET", "/", None)), ["close", None])

    def test_protocol_of_all_sockets(self):
        running = self.make_server("--protocol", "http", workers=1, make=Plain).start()
        self.assertEqual(self.connections_after(running, *[("GET", "/", None)] * 3), ["close"] * 3)

    @unittest.skipUnless(PYTHON_PLUGIN.with_name("http_plugin.so").exists(), "uWSGI's HTTP router is not installed")
    def test_connections_of_the_router(self):
        running = self.make_server("--http-keepalive", workers=1, make=Routed).start()
        self.assertEqual(self.connections_after(running, *[("GET", "/", None)] * 3), [None] * 3)

    def test_head(self):
        answer = self.exchange(self.serve(workers=1), b"HEAD /big?bytes=5000 HTTP/1.1\r\nHost: here\r\n\r\n")
        self.assertTrue(answer.startswith("HTTP/1.1 200 OK\r\n"), answer)
        self.assertIn("Content-Length: 5000\r\n", answer)
        self.assertTrue(answer.endswith("\r\n\r\n"), answer)

    def test_large_bodies(self):
        running = self.serve(workers=1)
        self.assertTrue(running.get("/big?bytes=30000000") == (200, counted(30_000_000)))
        body = "0123456789abcdef" * 500_000
        self.assertEqual(running.request("POST", "/echo", body=body)[1].split("\n", 1)[1], body)
        self.assertEqual(running.get("/big?bytes=0"), (200, ""))

    def test_chunked_body(self):
        answer = self.exchange(self.serve(workers=1),
                               b"POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
                               b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        self.assertTrue(answer.endswith("\nabcdefg"), answer)

    def test_body_cut_short(self):
        running = self.serve(workers=1)
        with socket.create_connection(("127.0.0.1", running.port), 20) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nshort")
            connection.shutdown(socket.SHUT_WR)
            self.assertIn(b" 500 ", connection.recv(65536))
        self.assertEqual(running.get("/")[0], 200)
        self.assertIn("the client did not send the whole body", running.log_text())

    def test_handler_that_throws(self):
        running = self.serve(workers=1)
        worker = running.get("/")[1]
        self.assertEqual(running.get("/throw"), (500, "Internal Server Error\n"))
        self.assertIn("the request handler failed on /throw: it threw: as asked, pid " + worker, running.log_text())
        self.assertEqual(running.get("/")[1], worker)

    def test_no_request_is_served_once_a_worker_exits(self):
        running = self.serve("--threads", "4", workers=1,
                             settings={"trouble.on": "ApplicationWorkerExit", "trouble.kind": "delay"})
        answers = []

        # Handlers take a while, so that the signal rarely finds its thread with uWSGI's lock on accept(), which stops all threads.
        def ask():
            while running.process.poll() is None:
                begin = time.monotonic()
                try:
                    answers.append((begin, running.get("/sleep?ms=20", timeout=5)[0]))
                except (OSError, http.client.HTTPException):
                    time.sleep(0.005)

        clients = [threading.Thread(target=ask) for _ in range(6)]
        for client in clients:
            client.start()
        running.wait_for(lambda: len(answers) > 100, "load")
        running.signal(signal.SIGTERM)
        while "probe: an event is delayed" not in running.log_text():
            self.assertIsNone(running.process.poll(), running.log_text())
            time.sleep(0.005)
        begun = time.monotonic()
        for client in clients:
            client.join()
        self.assertEqual([status for begin, status in answers if begin > begun and status != 503], [])
        self.assertEqual({status for _, status in answers} - {200, 503}, set())
        self.assertNotIn("ApplicationWorkerExit has waited", running.log_text())

    @unittest.skipUnless(PYTHON_PLUGIN.exists(), "uWSGI's Python plugin is not installed")
    def test_beside_python(self):
        heard = self.directory / "heard"
        script = self.directory / "application.py"
        script.write_text(WSGI)
        native = server.free_port()
        self.application = "listener"
        running = self.serve("--wsgi-file", str(script), "--uwsgi-socket", "127.0.0.1:%d" % native, "--mule",
                             make=BesidePython, environment={"LISTENER_TRACE": str(heard)})
        self.assertEqual(running.get("/"), (200, "from Python"))
        running.wait_for(lambda: heard.exists() and heard.read_text().count("\n") == 3, "three processes")
        self.assertEqual(sorted(heard.read_text().splitlines()),
                         ["PostFork mule", "PostFork worker", "PostFork worker"])

        running.port = native
        answer = self.exchange(running, uwsgi_packet(MODIFIER, REQUEST_METHOD="GET", REQUEST_URI="/", PATH_INFO="/"))
        self.assertIn(" 404 Not Found", answer)
        self.assertIn("only listens to hooks", answer)
        self.assertIn("from Python", self.exchange(running, uwsgi_packet(0, REQUEST_METHOD="GET", PATH_INFO="/")))

        # No process destroys anything of the application, however it ends.
        os.kill(int(re.search(r"spawned uWSGI worker 1 \(pid: (\d+)", running.log_text())[1]), signal.SIGHUP)
        running.wait_for(lambda: heard.read_text().count("PostFork worker") == 3, "a worker that replaces another")
        self.assertEqual(running.stop(), 0)
        self.assertNotIn("destroyed", heard.read_text())
