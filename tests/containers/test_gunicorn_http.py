# SPDX-License-Identifier: MIT
"""Requests and answers through WSGI."""

import concurrent.futures
import http.client
import socket
import unittest

from gunicorn_scenario import GunicornScenario, for_each_version
from scenarios import counted


@for_each_version
class Http(GunicornScenario):
    def raw(self, running, request):
        """The bytes of an answer to the bytes of a request."""
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer

    def echo(self, running, request):
        head, _, body = self.raw(running, request).partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"), head)
        return body

    def test_request_arrives_byte_by_byte(self):
        running = self.serve(workers=1)
        body = bytes(range(256)) * 3
        head = (b"POST /echo/%%41?a=b&c=%%20 HTTP/1.1\r\nHost: here\r\nX-Probe: caf\xc3\xa9 \xff\r\n"
                b"Content-Type: text/x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body))
        self.assertEqual(self.raw(running, head + body)[:22], b"HTTP/1.1 404 Not Found")
        head = head.replace(b"/echo/%41", b"/echo")
        self.assertEqual(self.echo(running, head + body),
                         b"POST /echo?a=b&c=%20 path=/echo query=a=b&c=%20 x-probe=caf\xc3\xa9 \xff headers=5\n" + body)

    def test_target_with_bytes_above_127(self):
        running = self.serve(workers=1)
        request = b"GET /echo?\xc3\xa9 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
        if self.version == "Newest":
            self.assertEqual(self.raw(running, request).split(b"\r\n")[0], b"HTTP/1.1 400 Bad Request")
        else:
            answer = self.echo(running, request)
            self.assertTrue(answer.startswith(b"GET /echo?\xc3\xa9 path=/echo query=\xc3\xa9 "), answer)

    def test_chunked_body(self):
        running = self.serve(workers=1)
        request = (b"POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                   b"4\r\nbody\r\n5\r\n more\r\n0\r\n\r\n")
        self.assertTrue(self.echo(running, request).endswith(b"\nbody more"))

    def test_body_that_ends_too_early(self):
        running = self.serve(workers=1)
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nbody")
        self.assertEqual(running.get("/echo")[0], 200)
        self.assertEqual(len(self.trace("PostFork")), 1)

    def test_abort_while_reading_a_body(self):
        running = self.serve("--timeout", "1", workers=1)
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nbody")
            # The newest gunicorn sends its own page, the older one nothing: neither is an answer of the handler.
            self.assertNotIn(b"text/plain", connection.recv(1000))
        self.wait_for_events(running, "WorkerReady", 2)
        first, second = self.trace("PostFork")
        self.assertEqual(self.names(first.pid)[3:], ["WorkerAbort", "WorkerExit"])
        self.assertEqual((second.slot, second.incarnation), (1, 2))

    def test_head(self):
        running = self.serve(workers=1)
        answer = self.raw(running, b"HEAD /big?bytes=1000 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertIn(b"\r\ncontent-length: 1000", head.lower())
        self.assertEqual(body, b"")

    def test_big_answer(self):
        running = self.serve(workers=1)
        self.assertTrue(running.get("/big?bytes=20000000") == (200, counted(20_000_000)))

    def test_big_body(self):
        running = self.serve(workers=1)
        status, answer = running.request("PUT", "/echo", body=b"z" * 5000000)
        self.assertEqual((status, answer.count("z")), (200, 5000000))

    def test_handler_that_throws(self):
        running = self.serve(workers=1)
        self.assertEqual(running.get("/throw"), (500, "Internal Server Error\n"))
        self.assertIn("the request handler failed on /throw: it threw: as asked", running.log_text())
        self.assertEqual(running.get("/")[0], 200)
        self.assertEqual(len(self.trace("PostFork")), 1)

    def test_threads(self):
        running = self.serve("--threads", "8", workers=1)
        connections = [http.client.HTTPConnection("127.0.0.1", running.port, timeout=20) for _ in range(16)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            def ask(turn):
                connection = connections[turn]
                for number in range(50):
                    connection.request("POST", "/echo?%d" % turn, body="%d of %d" % (number, turn))
                    answer = connection.getresponse().read().decode()
                    self.assertTrue(answer.startswith("POST /echo?%d " % turn) and
                                    answer.endswith("\n%d of %d" % (number, turn)), answer)
                return True
            self.assertTrue(all(pool.map(ask, range(16))))
        for connection in connections:
            connection.close()
        self.assertEqual(running.stop(), 0)
        self.check_forks(running.pid)


if __name__ == "__main__":
    unittest.main()
