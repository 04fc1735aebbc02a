# SPDX-License-Identifier: MIT
"""Follows examples/FIRST.md in an empty folder: first.py STAGE COMPILER, with FORKSAFE_TEST_POSTGRESQL in the environment.

The page's files are written as they stand, and its commands are run in order by one shell. STAGE is the installed package,
which takes the place of ~/.local. Free ports take the place of 8000. What a command prints is compared with the block of text
that follows it; a number there stands for any. The tests' own packages take the place of those that the page installs.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "support"))

from server import free_port  # noqa: E402

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
#: The name of a file stands at the beginning of the paragraph before the block.
NAMED = re.compile(r"^`([\w.]+)` [^\n`]*(?:\n[^\n`]+)*\n\n\Z", re.M)
END = "-- end of the block --"


def steps_of(text):
    """The page's files as {name: content}, and its commands, each with the text that they print."""
    files, commands = {}, []
    for block in FENCE.finditer(text):
        language, content = block.groups()
        if language == "sh":
            commands.append([content, None])
        elif language == "text":
            commands[-1][1] = content
        else:
            name = NAMED.search(text[:block.start()])
            if not name:
                raise SystemExit("FIRST.md: the name of a file must begin the paragraph before\n" + content)
            files[name.group(1)] = content
    return files, commands


def script_of(commands, compiler, database):
    """The page's commands as one script, with this machine's compiler, database and port."""
    lines = ["set -euo pipefail"]
    for block, _ in commands:
        block = re.sub(r"^apt .*\n", "", block, flags=re.M).replace("clang++-19", compiler)
        block = re.sub(r"^mkdir first && cd first$", ":", block, flags=re.M)
        block = re.sub(r"(FIRST_DATABASE)=.*", lambda found: '%s="%s"' % (found.group(1), database), block)
        lines += [block, "echo '%s'" % END]
    return "\n".join(lines).replace("127.0.0.1:8000", "127.0.0.1:%d" % free_port())


def main(stage, compiler):
    files, commands = steps_of((ROOT / "examples" / "FIRST.md").read_text())
    script = script_of(commands, compiler, os.environ["FORKSAFE_TEST_POSTGRESQL"])
    with tempfile.TemporaryDirectory(prefix="forksafe-first-") as folder:
        home = pathlib.Path(folder) / "home"
        home.mkdir()
        (home / ".local").symlink_to(stage)
        work = pathlib.Path(folder) / "first"
        work.mkdir()
        for name, content in files.items():
            (work / name).write_text(content)
        log = pathlib.Path(folder) / "log"
        with log.open("wb") as output:
            shell = subprocess.Popen(["bash", "-c", script], cwd=work, env={**os.environ, "HOME": str(home)},
                                     start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            try:
                status = shell.wait()
            finally:
                # A server that the page has started lives on if a later command has failed.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGKILL)
        printed = log.read_text(errors="replace")
    said = printed.split(END)
    for (block, expected), text in zip(commands, said):
        pattern = re.sub(r"[0-9]+", "[0-9]+", re.escape(expected.strip())) if expected else ""
        if not re.search(pattern, text):
            sys.exit("FIRST.md promises\n%sand its commands\n%sprinted\n%s" % (expected, block, text))
    if status or len(said) != len(commands) + 1:
        sys.exit("the page's commands ended with status %d:\n%s" % (status, printed[-6000:]))
    print("%d files, %d blocks of commands" % (len(files), len(commands)))


if __name__ == "__main__":
    main(*sys.argv[1:])
