# SPDX-License-Identifier: MIT
"""The servers of the soak: the probe of tests/containers in each container, and a plain application beside it."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "examples" / "support"), str(HERE.parent / "containers")]

import scenarios  # noqa: E402
import server  # noqa: E402

#: A user without other processes: its limit of processes counts those of the soak alone, and unlike for root it is enforced.
FIRST_USER = 2_100_000_000
USER = FIRST_USER + os.getpid()
WORKERS = 3
#: The number of clients of each kind that ask at once. uWSGI's own HTTP closes each connection after one answer.
CLIENTS = {"standalone": {"new": 2, "kept": 2}, "uwsgi": {"new": 4, "kept": 0}, "gunicorn": {"new": 2, "kept": 2}}

PLAIN = """
import os

def application(environ, start_response):
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
"""


def as_user(command):
    become = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--"]
    return (become if os.geteuid() == 0 else []) + command


class Stuck(Exception):
    """The server did not recover from a trouble."""


class Host(server.Server):
    """One life of a server. Without `artefacts` it is the plain application, without forksafe."""

    def __init__(self, container, artefacts, directory):
        super().__init__(container, artefacts or directory, "probe" if artefacts else "plain", directory / "disk" / "log",
                         workers=WORKERS, environment={"HOME": str(directory), "PYTHONPATH": str(directory),
                                                       "PYTHONDONTWRITEBYTECODE": "1"})
        self.is_plain = not artefacts
        if self.is_plain:
            (directory / "plain.py").write_text(PLAIN)
        else:
            settings = directory / "disk" / "settings.ini"
            settings.write_text("[app:main]\ncolour = red\n")
            self.environment["FORKSAFE_SETTINGS"] = str(settings)

    def command(self):
        base = super().command()
        if self.container == "uwsgi" and self.is_plain:
            base = ["uwsgi", "--plugin", "python3", "--wsgi-file", str(self.path.parent / "plain.py"), "--master",
                    "--die-on-term", "--processes", str(self.workers), "--http-socket", self.address]
        elif self.container == "gunicorn":
            base += ["--threads", "4"]
            if self.is_plain:
                base[1:3] = []
        return as_user(base)

    def living(self):
        """The processes below the first one that are not dead."""
        return [pid for pid in scenarios.descendants(self.pid) if scenarios.status_of(pid).get("State", "Z")[0] != "Z"]

    def reload(self):
        """Waits until all workers are new ones."""
        before = set(self.living())
        # uWSGI forgets a worker that it forks after the signal, with forksafe or without, and then waits for it.
        tries = 3 if self.container == "uwsgi" else 1
        for left in reversed(range(tries)):
            self.signal(server.signal.SIGHUP)
            try:
                return self.settle(lambda now: not before & set(now), 90 / tries)
            except Stuck:
                if left == 0 or self.process.poll() is not None:
                    raise

    def settle(self, condition=lambda now: True, seconds=90):
        """Waits until there are as many workers as there should be, and one of them answers."""
        deadline = time.monotonic() + seconds
        while True:
            now = self.living()
            if len(now) == WORKERS and condition(now) and self.answers():
                return
            if self.process.poll() is not None:
                raise Stuck("ended with status %s" % self.process.returncode)
            if time.monotonic() > deadline:
                raise Stuck("has the processes %s after %d s" % (now, seconds))
            self.nudge()
            time.sleep(0.02)

    def nudge(self):
        """uWSGI looks for dead workers once a second, but at once when it continues after a stop."""
        if self.container == "uwsgi":
            for number in (server.signal.SIGSTOP, server.signal.SIGCONT):
                os.kill(self.pid, number)

    def answers(self):
        try:
            return self.get("/")[0] == 200
        except (OSError, server.http.client.HTTPException):
            return False

    def limit(self, pid, what, soft):
        """Sets the soft limit of a process, and returns the old one."""
        command = as_user(["prlimit", "--pid", str(pid)])
        found = subprocess.run([*command, "--" + what, "--output=SOFT", "--noheadings", "--raw"], capture_output=True, text=True)
        done = subprocess.run([*command, "--%s=%s:" % (what, soft)], capture_output=True, text=True)
        if done.returncode and os.path.exists("/proc/%d" % pid):
            raise Stuck("the limit of %d cannot be set: %s" % (pid, done.stderr.strip()))
        return found.stdout.strip()


class Disk:
    """A small file system for the log, which can be filled. Only root can make one."""

    def __init__(self, directory):
        self.path = directory / "disk"
        self.path.mkdir()
        self.is_own = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "forksafe-soak", str(self.path)], capture_output=True).returncode == 0

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def empty(self):
        (self.path / "filler").unlink(missing_ok=True)

    def close(self):
        self.empty()
        if self.is_own:
            subprocess.run(["umount", "--lazy", str(self.path)], check=False)
        shutil.rmtree(self.path, ignore_errors=True)
