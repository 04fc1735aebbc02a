# SPDX-License-Identifier: MIT
"""Clients that ask a server without pause, and count the results of all requests."""

import collections
import socket
import threading

REQUEST = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n"
LONGEST_WAIT = 30


class Incomplete(Exception):
    """The connection ended inside an answer."""


def read_answer(connection):
    """Status, whether the connection is to be closed, and body; None if the server has closed instead."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            if received:
                raise Incomplete
            return None
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            raise Incomplete
        body += part
    return int(head.split(b" ", 2)[1]), fields.get(b"connection") == b"close", body


class Hammer:
    """Asks for `target` within the block: `new` clients over a connection for each request, `kept` clients over connections
    that they keep for as long as the server allows.

    `counts` has, for each kind of client, "new" and "kept", the number of each result: a status, as in 200; "refused" (no
    connection), "reset" and "closed" (a connection, and no answer), "incomplete", "late". A client that may keep its connection
    and finds it closed has lost a request. It is counted even if the answer before did not announce it.
    """

    def __init__(self, port, target="/", new=4, kept=4):
        self.address = ("127.0.0.1", port)
        self.target = target.encode()
        self.counts = {"new": collections.Counter(), "kept": collections.Counter()}
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.ask_on, args=(kind,)) for kind in ["new"] * new + ["kept"] * kept]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def ask_on(self, kind):
        counts = collections.Counter()
        connection = None
        while not self.stopped.is_set():
            outcome, connection = self.ask(connection, kind == "kept")
            counts[outcome] += 1
            if outcome == "refused":
                self.stopped.wait(0.01)
        if connection:
            connection.close()
        with self.lock:
            self.counts[kind] += counts

    def ask(self, connection, keep):
        """The result of one request, and the connection for the next one, if it is kept."""
        try:
            connection = connection or socket.create_connection(self.address, LONGEST_WAIT)
        except OSError:
            return "refused", None
        try:
            connection.sendall(REQUEST % (self.target, b"" if keep else b"Connection: close\r\n"))
            answer = read_answer(connection)
        except Incomplete:
            answer, outcome = None, "incomplete"
        except socket.timeout:
            answer, outcome = None, "late"
        except OSError:
            answer, outcome = None, "reset"
        else:
            outcome = answer[0] if answer else "closed"
        if answer and keep and not answer[1]:
            return outcome, connection
        connection.close()
        return outcome, None

    def lost(self, kind):
        """The results of the requests of one kind of client that were not answered with 200."""
        return {outcome: count for outcome, count in self.counts[kind].items() if outcome != 200}
