# SPDX-License-Identifier: MIT
"""Requests that the embedded server and a proxy before it could understand as different ones."""

import contextlib
import re
import socket
import threading
import time

import scenarios
from test_standalone_http import HttpScenario

START = b"POST /echo HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
CODINGS = (b"identity", b"gzip", b"xchunked", b"chunkedx", b"chunked, identity", b"chunked, gzip", b"gzip, chunked",
           b"chunked, chunked", b"chunked;q=1", b"chunked,", b", chunked", b"\"chunked\"", b"", b"chunked gzip", b"identity, chunked",
           b"\x0bchunked", b"trailers")


class Framing(HttpScenario):
    def assert_refused(self, running, sent):
        """One answer, which refuses the request; no other follows on this connection."""
        answer = self.exchange(running, sent)
        self.assertIn(int(answer.split(b" ", 2)[1]), (400, 501), sent)
        self.assertEqual(1, len(re.findall(rb"HTTP/1\.[01] ", answer)), (sent, answer))
        # HTTP/1.0 closes connections without saying so.
        self.assertTrue(answer.startswith(b"HTTP/1.0 ") or b"Connection: close" in answer, sent)

    def test_transfer_codings(self):
        running = self.serve(workers=1)
        for coding in CODINGS:
            for name in (b"Transfer-Encoding", b"transfer-encoding", b"TRANSFER-ENCODING"):
                field = name + b": " + coding + b"\r\n"
                self.assert_refused(running, START + field + b"\r\n" + SMUGGLED)
                self.assert_refused(running, START + field + b"\r\n0\r\n\r\n" + SMUGGLED)
                self.assert_refused(running, START + field + b"Content-Length: 4\r\n\r\nabcd" + SMUGGLED)
                self.assert_refused(running, START + b"Content-Length: 4\r\n" + field + b"\r\nabcd" + SMUGGLED)
                for other in (b"chunked", b"identity", coding):
                    more = b"Transfer-Encoding: " + other + b"\r\n"
                    self.assert_refused(running, START + field + more + b"\r\n0\r\n\r\n" + SMUGGLED)
                    self.assert_refused(running, START + more + b"X: y\r\n" + field + b"\r\n0\r\n\r\n" + SMUGGLED)
        self.assert_alive(running)

    def test_the_one_coding_that_there_is(self):
        running = self.serve(workers=1)
        for coding in (b"chunked", b"Chunked", b"CHUNKED", b"  chunked\t"):
            answer = self.exchange(running, START + b"Connection: close\r\nTransfer-Encoding: " + coding +
                                   b"\r\n\r\n4\r\nbody\r\n3;name=\"a b\"\r\n..!\r\n0\r\n\r\n")
            self.assertTrue(answer.endswith(b"\nbody..!"), (coding, answer))
        self.assert_refused(running, b"POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
                            b"0\r\n\r\n" + SMUGGLED)
        self.assert_alive(running)

    def test_lengths(self):
        running = self.serve(workers=1)
        for fields in (b"Content-Length: 4\r\nContent-Length: 4\r\n", b"Content-Length: 4, 4\r\n", b"Content-Length: 4,\r\n",
                       b"Content-Length: +4\r\n", b"Content-Length: 0x4\r\n", b"Content-Length:\r\n", b"Content-Length: 4 4\r\n",
                       b"Content-Length: 4\r\ncontent-length: 5\r\n", b"Content-Length : 4\r\n", b"Content-Length: -0\r\n",
                       b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                       b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"):
            self.assert_refused(running, START + fields + b"\r\nabcd" + SMUGGLED)
        self.assert_alive(running)

    def test_hosts(self):
        running = self.serve(workers=1)
        for fields in (b"", b"Host: a\r\nHost: a\r\n", b"Host: a\r\nX: y\r\nhost: b\r\n", b"Host: a b\r\n", b"Host: a/b\r\n",
                       b"Host: a@b\r\n", b"Host: a\\b\r\n", b"Host: \"a\"\r\n", b"Host: a\r\n b\r\n"):
            self.assert_refused(running, b"GET / HTTP/1.1\r\n" + fields + b"\r\n" + SMUGGLED)
        for host in (b"", b"a", b"a:80", b"[::1]:80", b"127.0.0.1", b"A.example."):
            self.assertEqual(200, self.status(running, b"GET / HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n"))

    def test_line_ends_in_extensions_of_chunks(self):
        running = self.serve(workers=1)
        for extension in (b";a=\"\n\"", b";a=\"\r\"", b";a=\"\0\"", b"\n", b";\n"):
            self.assert_refused(running, START + b"Transfer-Encoding: chunked\r\n\r\n1" + extension + b"\r\nx\r\n0\r\n\r\n" + SMUGGLED)

    def test_trailers_are_no_headers(self):
        running = self.serve(workers=1)
        fields = b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        plain = self.exchange(running, START + fields + b"1\r\nx\r\n0\r\n\r\n")
        self.assertIn(b"x-probe= headers=3\nx", plain)
        trailers = b"X-Probe: admin\r\nAuthorization: all\r\nHost: evil\r\n"
        self.assertIn(b"x-probe= headers=3\nx", self.exchange(running, START + fields + b"1\r\nx\r\n0\r\n" + trailers + b"\r\n"))
        self.assertIn(b"x-probe=mine headers=4\nx", self.exchange(
            running, START + b"X-Probe: mine\r\n" + fields + b"1\r\nx\r\n0\r\n" + trailers + b"\r\n"))
        kept = START + b"Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n"
        answer = self.exchange(running, kept + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(2, answer.count(b" 200 OK"), answer)

    def test_names_are_not_folded(self):
        running = self.serve(workers=1)
        for name, seen in ((b"X-Probe", b"it"), (b"x-pRoBe", b"it"), (b"X_Probe", b""), (b"X.Probe", b""), (b"XProbe", b"")):
            answer = self.exchange(running, START + b"Connection: close\r\n" + name + b": it\r\n\r\n")
            self.assertIn(b"x-probe=" + seen + b" headers=3", answer)
        answer = self.exchange(running, START + b"X_Probe: forged\r\nX-Probe: real\r\nConnection: close\r\n\r\n")
        self.assertIn(b"x-probe=real headers=4", answer)
        # The header frames nothing, as for every other server.
        answer = self.exchange(running, START + b"Content_Length: 4\r\nTransfer_Encoding: chunked\r\n\r\n" +
                               b"GET /echo?next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(2, answer.count(b" 200 OK"), answer)

    def test_empty_lines_before_a_request(self):
        running = self.serve(workers=1)
        last = b"GET /echo?last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        self.assertEqual(200, self.status(running, b"\r\n" + last))
        self.assertEqual(200, self.status(running, b"\r\n\r\n\r\n" + last))
        answer = self.exchange(running, START + b"Content-Length: 4\r\n\r\nbody\r\n" + last)
        self.assertEqual(2, answer.count(b" 200 OK"), answer)
        self.assertEqual(400, self.status(running, b"\n" + last))
        self.assertEqual(400, self.status(running, b"\r" + last))
        self.assertIn(self.status(running, b"\r\n" * 20_000 + last), (400, 431))
        connection = self.connect(running)
        for part in (b"\r", b"\n", b"\r\n\r", b"\n", last):
            connection.sendall(part)
            time.sleep(0.02)
        self.assertIn(b" 200 OK", connection.recv(4096))

    def test_versions(self):
        running = self.serve(workers=1)
        for version in (b"1.1", b"1.2", b"1.9"):
            answer = self.exchange(running, b"GET /echo?a HTTP/" + version + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK"), (version, answer))
        for version in (b"0.9", b"1.10", b"1.20", b"1.2x", b"1.x", b"2.0", b"3.7", b"1", b"1."):
            self.assertEqual(400, self.status(running, b"GET /a HTTP/" + version + b"\r\nHost: a\r\n\r\n"), version)
        self.assert_refused(running, b"GET / HTTP/1.2\r\n\r\n")
        self.assert_refused(running, b"GET / HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n" + SMUGGLED)

    def test_absolute_targets(self):
        running = self.serve(workers=1)
        for target, path, query in ((b"http://h/echo?a", b"/echo", b"a"), (b"HTTP://h/echo?a", b"/echo", b"a"),
                                    (b"hTTps://h:80/echo", b"/echo", b""), (b"/echo?http://h/b", b"/echo", b"http://h/b")):
            answer = self.exchange(running, b"GET " + target + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            self.assertIn(b" path=" + path + b" query=" + query + b" ", answer)
        # The path /, whose answer has the worker's pid.
        for target in (b"http://h", b"http://h/", b"http://h?a=/b"):
            answer = self.exchange(running, b"GET " + target + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            self.assertRegex(answer, rb"\r\n\r\n[0-9]+$", target)


class Bodies(HttpScenario):
    HUGE = 1 << 30

    def begin(self, running, length):
        connection = self.connect(running)
        field = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
        connection.sendall(START + field + b"\r\n\r\n" + (b"40000000\r\n" if length is None else b"") + b"x")
        return connection

    def test_announcing_buys_no_time(self):
        running = self.serve("--read-timeout", "1", "--max-body", str(self.HUGE), workers=1)
        for connection in [self.begin(running, length) for length in (None, self.HUGE, 1000)]:
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(b"", connection.recv(4096))
        self.assert_alive(running)

    def test_dripping_buys_no_time(self):
        running = self.serve("--read-timeout", "1", "--max-body", str(self.HUGE), workers=1)
        ends = []

        def drip(length):
            connection = self.begin(running, length)
            with contextlib.suppress(OSError):
                for _ in range(200):
                    connection.sendall(b"x")
                    time.sleep(0.1)
                return
            ends.append(length)

        drippers = [threading.Thread(target=drip, args=(length,)) for length in (None, self.HUGE)]
        for thread in drippers:
            thread.start()
        for thread in drippers:
            thread.join()
        self.assertEqual(2, len(ends))
        self.assert_alive(running)

    def test_who_goes_on_sending_may_take_longer_than_the_limit(self):
        running = self.serve("--read-timeout", "1", workers=1)
        connection = self.connect(running)
        connection.sendall(START + b"Content-Length: 240000\r\nConnection: close\r\n\r\n")
        for _ in range(12):
            connection.sendall(b"y" * 20_000)
            time.sleep(0.25)
        self.assertIn(b" 200 OK", connection.recv(4096))

    def test_announcing_takes_no_memory(self):
        running = self.serve("--max-body", str(self.HUGE), workers=1)
        worker = int(running.get("/")[1])

        def kilobytes():
            return int(re.match(r"\d+", scenarios.status_of(worker)["VmSize"])[0])

        before = kilobytes()
        connections = [self.begin(running, self.HUGE) for _ in range(4)]
        for _ in range(20):
            self.assertEqual(200, running.get("/")[0])
        self.assertLess(kilobytes() - before, self.HUGE // 1024)
        for connection in connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
