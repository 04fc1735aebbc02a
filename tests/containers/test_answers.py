# SPDX-License-Identifier: MIT
"""A handler's header is sent as one header, or not at all, in every container."""

import socket

import scenarios

SPLITTING = (b"Location:a\r\nSet-Cookie: evil=1", b"Location:a\r\nContent-Length: 0\r\n\r\n<b>", b"Location:a\nSet-Cookie: evil=1",
             b"Location:a\rSet-Cookie: evil=1", b"Location:\r\n\r\nevil=1", b"Location:a\0evil=1", b"Location:a\x0bevil=1",
             b"Location:a\x7fevil=1", b"X\r\nSet-Cookie: evil=1:b", b"X evil=1:b", b"X\tevil=1:b", b":evil=1", b"\xc3\xa9evil=1:b")
FRAMING = (b"Content-Length:3", b"content-length:0", b"Content_Length:3", b"Transfer-Encoding:chunked",
           b"TRANSFER-ENCODING:gzip", b"Connection:upgrade", b"Keep-Alive:timeout=777", b"Trailer:X", b"Upgrade:h2c")


class Answers(scenarios.Scenario):
    def exchange(self, running, request):
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(request)
            received = b""
            while part := connection.recv(65536):
                received += part
        return received

    def raw(self, running, header, status=200, times=1):
        """Everything that the server sends for an answer with this header."""
        return self.exchange(running, b"POST /answer?status=%d&times=%d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                             b"Content-Length: %d\r\n\r\n" % (status, times, len(header)) + header)

    def check_is_500(self, answer, what):
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 500 "), (what, answer))
        self.assertEqual(b"Internal Server Error\n", body, what)
        self.assertNotIn(b"evil", answer, what)
        self.assertNotIn(b"X-First", answer, what)

    def test_no_header_splits_the_answer(self):
        running = self.serve(workers=1)
        self.assertIn(b"\r\nLocation: /a b\r\n", self.raw(running, b"Location:/a b"))
        for header in SPLITTING:
            self.check_is_500(self.raw(running, header), header)
        self.check_is_500(self.raw(running, b"X:" + b"a" * 32_768), "a long header")
        self.assertIn("set a header that cannot be sent", running.log_text())
        self.assertEqual(200, running.get("/")[0])

    def test_headers_that_only_some_containers_could_send(self):
        running = self.serve(workers=1)
        header = b"X:" + b"a" * 28_000
        self.assertTrue(self.raw(running, header, times=2).startswith(b"HTTP/1.1 200 "))
        self.check_is_500(self.raw(running, header, times=3), "many headers")
        self.assertIn("set more headers than every container can send", running.log_text())
        self.assertEqual(200, running.get("/")[0])

    def test_content_is_where_it_may_be(self):
        running = self.serve(workers=1)
        for status in (204, 304):
            head, _, body = self.raw(running, b"X:y", status).partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.1 %d " % status), head)
            self.assertNotIn(b"content-length", head.lower())
            self.assertNotIn(b"transfer-encoding", head.lower())
            self.assertEqual(b"", body, status)
        request = b" /big?bytes=5000 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        for verb, size in ((b"GET", 5000), (b"HEAD", 0)):
            head, _, body = self.exchange(running, verb + request).partition(b"\r\n\r\n")
            self.assertIn(b"\r\ncontent-length: 5000", head.lower())
            self.assertEqual(size, len(body), verb)

    def test_no_status_that_is_none(self):
        running = self.serve(workers=1)
        for status in (0, -1, 1, 99, 100, 101, 199, 1000, 99999):
            self.check_is_500(self.raw(running, b"X:y", status), status)
        self.assertTrue(self.raw(running, b"X:y", 299).startswith(b"HTTP/1.1 299 "))
        self.assertEqual(200, running.get("/")[0])

    def test_no_header_frames_the_answer(self):
        running = self.serve(workers=1)
        for header in FRAMING:
            head, _, body = self.raw(running, header).partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.1 200 "), (header, head))
            fields = head.lower().split(b"\r\n")
            lengths = [field for field in fields if field.startswith((b"content-length", b"content_length", b"transfer-encoding"))]
            self.assertEqual([b"content-length: 10"], lengths, header)
            self.assertNotIn(header.lower().replace(b":", b": "), fields)
            self.assertEqual(b"the answer", body, header)
