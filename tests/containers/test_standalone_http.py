# SPDX-License-Identifier: MIT
"""The embedded server with clients that are slow, wrong or greedy, or that have gone."""

import contextlib
import email.utils
import http.client
import re
import socket
import threading
import time

from scenarios import counted, server
from test_standalone import StandaloneScenario

KIBIBYTE = 1024


class HttpScenario(StandaloneScenario):
    def connect(self, running):
        connection = socket.create_connection(("127.0.0.1", running.port), timeout=20)
        self.addCleanup(connection.close)
        return connection

    def exchange(self, running, sent):
        """Everything that the server sends until it closes."""
        connection = self.connect(running)
        connection.sendall(sent)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
        return received

    def status(self, running, sent):
        answer = self.exchange(running, sent)
        return int(answer.split(b" ", 2)[1]) if answer else None

    def assert_alive(self, running):
        self.assertEqual(200, running.get("/")[0])
        self.assertEqual(1, len(self.trace("PostFork")), running.log_text())


class FewDescriptors(server.Server):
    def command(self):
        return ["prlimit", "--nofile=40:40", *super().command()]


class Protocol(HttpScenario):
    def test_request_as_the_handler_sees_it(self):
        running = self.serve(workers=1)
        status, body = running.request("POST", "/echo?a=b%20c", body="the body", headers={"X-Probe": "seen"})
        self.assertEqual(200, status)
        self.assertTrue(body.startswith("POST /echo?a=b%20c path=/echo query=a=b%20c x-probe=seen headers="), body)
        self.assertTrue(body.endswith("\nthe body"), body)
        proxied = self.exchange(running, b"GET http://shop.example/echo?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertIn(b"path=/echo query=x=1", proxied)

    def test_chunked_body(self):
        running = self.serve(workers=1)
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        connection.request("PUT", "/echo", body=iter([b"one ", b"two"]), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})
        self.assertTrue(connection.getresponse().read().endswith(b"\none two"))
        connection.close()

    def test_keep_alive_and_pipelining(self):
        running = self.serve(workers=1)
        requests = b"".join(b"GET /echo?%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(50))
        answer = self.exchange(running, requests + b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(51, answer.count(b"HTTP/1.1 "))
        places = [answer.index(b"query=%d x-probe" % number) for number in range(50)]
        self.assertEqual(sorted(places), places)
        self.assertIn(b"Connection: close", answer[answer.rindex(b"HTTP/1.1 404"):])

    def test_http_1_0(self):
        running = self.serve(workers=1)
        self.assertTrue(self.exchange(running, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200"))
        kept = self.exchange(running, b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n")
        self.assertEqual(2, kept.count(b" 200 OK"))

    def test_head_has_no_body(self):
        running = self.serve(workers=1)
        answer = self.exchange(running, b"HEAD /big?bytes=5000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertIn(b"Content-Length: 5000\r\n", answer)
        self.assertTrue(answer.endswith(b"\r\n\r\n"))
        self.assertIn(b"\r\nDate: ", answer)

    def test_date(self):
        answer = self.exchange(self.serve(workers=1), b"GET / HTTP/1.0\r\n\r\n")
        date = re.search(r"\r\nDate: ([^\r]*)\r\n", answer.decode())[1]
        seconds = email.utils.parsedate_to_datetime(date).timestamp()
        self.assertEqual(email.utils.formatdate(seconds, usegmt=True), date)
        self.assertLess(abs(seconds - time.time()), 60)

    def test_expect(self):
        running = self.serve(workers=1)
        connection = self.connect(running)
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", connection.recv(1024))
        connection.sendall(b"body")
        self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))
        start = b"POST / HTTP/1.1\r\nHost: a\r\n"
        self.assertEqual(413, self.status(running, start + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"))
        self.assertEqual(417, self.status(running, start + b"Expect: tea\r\nContent-Length: 4\r\n\r\n"))

    def test_big_answer(self):
        # No assertEqual: it would compare the texts line by line.
        self.assertTrue(self.serve(workers=1).get("/big?bytes=20000000") == (200, counted(20_000_000)))

    def test_answer_taken_in_parts(self):
        with self.connect(self.serve(workers=1)) as connection:
            connection.sendall(b"GET /big?bytes=9000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = bytearray()
            while len(answer) < 9_500_000 and (part := connection.recv(300_007)):
                answer += part
                time.sleep(0.002)
        self.assertTrue(answer.partition(b"\r\n\r\n")[2] == counted(9_000_000).encode())


class Hostile(HttpScenario):
    def test_malformed(self):
        running = self.serve(workers=1)
        start = b"GET / HTTP/1.1\r\nHost: a\r\n"
        for sent in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
                     b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", start + b"Host: b\r\n\r\n", start + b"A: \0\r\n\r\n",
                     start + b"A b: c\r\n\r\n", start + b"Content-Length: -1\r\n\r\n", start + b"Content-Length: 1x\r\n\r\n",
                     start + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                     start + b"Content-Length: 99999999999999999999999\r\n\r\n",
                     start + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                     start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
                     start + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab\r\n",
                     start + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n"):
            self.assertEqual(400, self.status(running, sent), sent)
        self.assert_alive(running)

    def test_limits(self):
        running = self.serve("--max-body", "1000", workers=1)
        start = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        self.assertEqual(200, self.status(running, start + b"A: " + b"a" * 15 * KIBIBYTE + b"\r\n\r\n"))
        for sent in (start + b"A: " + b"a" * 17 * KIBIBYTE, start + b"A: " + b"a" * 17 * KIBIBYTE + b"\r\n\r\n",
                     start + b"A: b\r\n" * 4000 + b"\r\n", b"GET /" + b"a" * 5000 * KIBIBYTE + b" HTTP/1.1\r\nHost: a\r\n\r\n"):
            self.assertEqual(431, self.status(running, sent), sent[:100])
        self.assertEqual(200, self.status(running, start + b"Content-Length: 1000\r\n\r\n" + b"b" * 1000))
        self.assertEqual(413, self.status(running, start + b"Content-Length: 1001\r\n\r\n" + b"b" * 1001))
        self.assertEqual(413, self.status(running, start + b"Content-Length: 4000000\r\n\r\n" + b"b" * 4_000_000))
        chunks = b"Transfer-Encoding: chunked\r\n\r\n" + (b"200\r\n" + b"c" * 512 + b"\r\n") * 3
        self.assertEqual(413, self.status(running, start + chunks))
        self.assert_alive(running)

    def test_slow_clients_are_cut_off_and_hold_up_nobody(self):
        running = self.serve("--read-timeout", "1", workers=1)
        silent, slow_header, slow_body, idle = [self.connect(running) for _ in range(4)]
        slow_header.sendall(b"GET / HTTP/1.1\r\nHo")
        slow_body.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        idle.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn(b" 200 ", idle.recv(4096))
        self.assertEqual(200, running.get("/")[0])
        for connection in (silent, slow_header, slow_body, idle):
            self.assertEqual(b"", connection.recv(4096))
        self.assert_alive(running)

    def test_dripping_client_is_cut_off(self):
        running = self.serve("--read-timeout", "1", workers=1)
        connection = self.connect(running)
        began = time.monotonic()
        with contextlib.suppress(OSError):
            for _ in range(150):
                connection.sendall(b"G")
                time.sleep(0.1)
        self.assertLess(time.monotonic() - began, 14)
        self.assert_alive(running)

    def test_clients_that_disappear(self):
        running = self.serve(workers=1)
        for sent in (b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
                     b"GET /big?bytes=9000000 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /sleep?ms=100 HTTP/1.1\r\nHost: a\r\n\r\n"):
            for _ in range(5):
                connection = self.connect(running)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.sendall(sent)
                connection.close()
        self.assert_alive(running)

    def test_many_connections(self):
        # The further clients wait until the others have been silent for too long. A slow machine must not make these silent.
        running = self.serve("--read-timeout", "10", workers=2)
        self.wait_for_workers(running, 2)
        connections = []
        with contextlib.suppress(OSError):
            for _ in range(1000):
                connections.append(self.connect(running))
        self.assertGreater(len(connections), 500)
        for connection in connections[::100]:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        for connection in connections[::100]:
            self.assertIn(b" 200 ", connection.recv(4096))
        for connection in connections:
            connection.close()
        self.assertEqual(200, running.get("/")[0])
        self.assertEqual(2, len(self.trace("PostFork")))

    def test_too_few_descriptors(self):
        running = self.serve("--read-timeout", "2", workers=1, make=FewDescriptors)
        connections = [self.connect(running) for _ in range(100)]
        connections[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertIn(b" 200 ", connections[-1].recv(4096))
        self.assert_alive(running)
        told = "worker 1 has 20 connections open, all that it may: further clients wait - raise the limit on open files (ulimit -n)"
        self.assertEqual(1, running.log_text().count(told), running.log_text())


class Stopping(HttpScenario):
    def test_idle_connections_are_closed(self):
        running = self.serve(workers=1)
        connection = self.connect(running)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn(b" 200 ", connection.recv(4096))
        began = time.monotonic()
        self.assertEqual(0, running.stop())
        self.assertEqual(b"", connection.recv(4096))
        self.assertLess(time.monotonic() - began, 8)

    def test_what_has_begun_is_not_idle(self):
        running = self.serve(workers=1)
        begun, idle = self.connect(running), self.connect(running)
        begun.sendall(b"GET / HTTP/1.1\r\nHo")
        self.assertEqual(200, running.get("/")[0])
        stopped = threading.Thread(target=running.stop)
        stopped.start()
        # Now the worker no longer waits for idle clients.
        self.assertEqual(b"", idle.recv(4096))
        begun.sendall(b"st: a\r\n\r\n")
        self.assertIn(b" 200 ", begun.recv(4096))
        stopped.join()

    def test_what_has_begun_is_finished(self):
        running = self.serve(workers=1)
        begun, busy = self.connect(running), self.connect(running)
        begun.sendall(b"GET / HTTP/1.1\r\nHo")
        self.assertEqual(200, running.get("/")[0])
        busy.sendall(b"GET /sleep?ms=700 HTTP/1.1\r\nHost: a\r\n\r\n")
        running.wait_for(lambda: "a request sleeps" in running.log_text(), "the request")
        stopped = threading.Thread(target=running.stop)
        stopped.start()
        answer = busy.recv(4096)
        self.assertIn(b" 200 ", answer)
        self.assertIn(b"Connection: close", answer)
        begun.sendall(b"st: a\r\n\r\n")
        self.assertIn(b" 200 ", begun.recv(4096))
        stopped.join()
        self.assertEqual(0, running.process.returncode)
