# SPDX-License-Identifier: MIT
"""Starts an application in its real container on a free loopback port, and talks to it.

Used by examples/run and by the tests. Python's standard library only.
"""

import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time


class ServerError(Exception):
    """The container did not do what was expected; the text says what, and ends with the container's log."""


#: The marks of the ports that this process has taken.
_held = []


def free_port():
    """A free port of 127.0.0.1, which this function returns to no other process while this one lives.

    It lies outside the range from which the kernel chooses ports, so that no outgoing connection can take it.
    """
    first, last = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    ports = range(10240, first) if first > 12000 else range(last + 1, 65536)
    for port in random.sample(ports, len(ports)):
        mark = socket.socket(socket.AF_UNIX)
        try:
            mark.bind("\0forksafe-port-%d" % port)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            mark.close()
            continue
        _held.append(mark)
        return port
    raise ServerError("no port of 127.0.0.1 is free")


def artefact(container, directory, name):
    suffix = {"standalone": "", "uwsgi": "_plugin.so", "gunicorn": ".abi3.so", "celery": ".abi3.so"}[container]
    return pathlib.Path(directory) / (name + suffix)


def catches(pid, number):
    """Whether a process handles the signal."""
    try:
        lines = pathlib.Path("/proc/%d/status" % pid).read_text().splitlines()
    except OSError:
        return False
    return any(int(line.split()[1], 16) >> (number - 1) & 1 for line in lines if line.startswith("SigCgt:"))


def end(process, seconds=30, ask_again=True):
    """Ends a process by SIGTERM and returns its exit status; raises subprocess.TimeoutExpired after `seconds`.

    uWSGI and gunicorn lose a SIGTERM that comes before their handlers are set: it is sent once they have a handler, and
    then again every 3 s. Python removes its handlers before it exits: a SIGTERM would kill it then, so none is sent.
    """
    begin = time.monotonic()
    while ask_again and process.poll() is None and not catches(process.pid, signal.SIGTERM) and time.monotonic() < begin + 5:
        time.sleep(0.02)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    while True:
        left = max(begin + seconds - time.monotonic(), 0)
        try:
            return process.wait(min(left, 3) if ask_again else left)
        except subprocess.TimeoutExpired:
            if not ask_again or left <= 3:
                raise
            if catches(process.pid, signal.SIGTERM):
                process.send_signal(signal.SIGTERM)


class Server:
    """One running container. A context manager: the end of the block stops the container and all its processes."""

    def __init__(self, container, directory, name, log, workers=3, port=None, options=(), environment=None, program=None):
        self.container = container
        self.port = port or free_port()
        self.address = "127.0.0.1:%d" % self.port
        self.workers = workers
        self.path = artefact(container, directory, name).resolve()
        self.name = name
        self.log = pathlib.Path(log)
        self.options = list(options)
        self.environment = dict(environment or {})
        self.program = program
        # The embedded server must not lose a signal, so tests send it once.
        self.may_miss_signals = container in ("uwsgi", "gunicorn")
        self.process = None

    def command(self):
        if self.container == "standalone":
            base = [str(self.path), "--bind", self.address, "--workers", str(self.workers)]
        elif self.container == "uwsgi":
            base = [self.program or "uwsgi", "--need-plugin", str(self.path), "--master", "--die-on-term",
                    "--processes", str(self.workers), "--http-socket", self.address,
                    "--http-socket-modifier1", os.environ.get("FORKSAFE_UWSGI_MODIFIER", "177")]
        else:
            base = [self.program or "/usr/bin/gunicorn", "-c", "python:" + self.name, self.name + ":application",
                    "--bind", self.address, "--workers", str(self.workers),
                    # A worker loses a SIGTERM that comes before its handlers are set, and the arbiter waits for it.
                    "--graceful-timeout", "5"]
        return base + self.options

    def start(self, wait=True):
        environment = {**os.environ, **self.environment}
        if self.container == "gunicorn":
            environment["PYTHONPATH"] = os.pathsep.join(
                filter(None, [environment.get("PYTHONPATH"), str(self.path.parent)]))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment, start_new_session=True)
        if wait:
            self.wait_for(lambda: self.get("/")[0], "an answer to the first request")
        return self

    def __enter__(self):
        return self.start() if self.process is None else self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def request(self, method, target, body=None, headers=None, timeout=30):
        """Status and body of one exchange on a new connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def get(self, target, timeout=30):
        return self.request("GET", target, timeout=timeout)

    def debug(self):
        status, body = self.get("/debug")
        if status != 200:
            raise ServerError("GET /debug answered %d: %s" % (status, body))
        return json.loads(body)

    def wait_for(self, condition, what, seconds=60):
        """The first true value of condition(), which is called again while it is false or the server refuses connections."""
        deadline = time.monotonic() + seconds
        last = None
        while time.monotonic() < deadline:
            try:
                value = condition()
                if value:
                    return value
            except (OSError, http.client.HTTPException) as error:
                last = error
            if self.process.poll() is not None:
                raise ServerError("%s ended with status %s while waiting for %s\n%s"
                                  % (self.container, self.process.returncode, what, self.log_text()[-4000:]))
            time.sleep(0.02)
        raise ServerError("waited %g s for %s (%s)\n%s" % (seconds, what, last, self.log_text()[-4000:]))

    def signal(self, number):
        """Sends a signal to the container. uWSGI and gunicorn get it once they have set their handler."""
        if self.may_miss_signals and number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT):
            self.wait_for(lambda: catches(self.pid, number), "the handler of signal %d" % number)
        os.kill(self.process.pid, number)

    def stop(self, seconds=30):
        """Ends the container by SIGTERM and returns its exit status. The rest of its session gets SIGKILL."""
        if self.process is None:
            return None
        try:
            return end(self.process, seconds, self.may_miss_signals)
        except subprocess.TimeoutExpired:
            raise ServerError("%s did not stop within %g s of SIGTERM\n%s"
                              % (self.container, seconds, self.log_text()[-4000:])) from None
        finally:
            self._kill_session()

    def _kill_session(self):
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                session = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[3])
            except (OSError, IndexError):
                continue
            if session == self.process.pid:
                try:
                    os.kill(int(entry.name), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        self.process.wait()
