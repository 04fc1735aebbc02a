# SPDX-License-Identifier: MIT
"""FerretDB, a real document store that speaks MongoDB's protocol. Run as a program, this file only builds it.

Go 1.24 or newer compiles it from the module in the folder ferretdb. Without Go, build() raises NoStore.
"""

import pathlib
import shutil
import socket
import subprocess
import time

SOURCE = pathlib.Path(__file__).resolve().parent / "ferretdb"
PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build" / "ferretdb" / "ferretdb"
START_SECONDS = 60


class NoStore(Exception):
    """The store cannot be built; the text is the reason."""


def build():
    """Compiles the program unless it is up to date."""
    go = shutil.which("go")
    if go is None:
        raise NoStore("there is no Go to build FerretDB with")
    done = subprocess.run([go, "build", "-o", str(PROGRAM), "."], cwd=SOURCE, capture_output=True, text=True)
    if done.returncode != 0:
        raise NoStore("Go cannot build FerretDB: " + done.stderr.strip().rsplit("\n", 1)[-1])


class Store:
    """One running store. A context manager: the store answers within the block, and is stopped after it."""

    def __init__(self, port, folder):
        self.address, self.folder, self.process = ("127.0.0.1", port), folder, None

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([str(PROGRAM), "%s:%d" % self.address, str(self.folder)], stdout=log, stderr=log)
        try:
            self.wait()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def wait(self):
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                return socket.create_connection(self.address, 1).close()
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / "log").read_text()[-2000:]
                    raise RuntimeError("FerretDB does not answer: %s\n%s" % (error, log)) from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def restart(self):
        """Restarts the store as after a crash: all its connections end."""
        self.__exit__()
        self.__enter__()


if __name__ == "__main__":
    try:
        build()
    except NoStore as reason:
        print("%s: PyMongo is tried without a server" % reason)
