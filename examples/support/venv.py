# SPDX-License-Identifier: MIT
"""venv.py DIRECTORY REQUIREMENTS: makes an environment with what the file lists, unless it is there."""

import pathlib
import subprocess
import sys


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("%s\n%s\nthe tests' Python environment can't be made: `%s` failed. It needs python3-venv, and PyPI or a "
                 "mirror that pip is configured for." % (done.stdout, done.stderr, " ".join(map(str, command))))


def main(directory, requirements):
    wanted = requirements.read_text()
    mark = directory / "installed.txt"
    if mark.exists() and mark.read_text() == wanted:
        return
    python = pathlib.Path("/usr/bin/python3")
    run(python if python.exists() else sys.executable, "-m", "venv", "--clear", directory)
    run(directory / "bin" / "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement", requirements)
    mark.write_text(wanted)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
