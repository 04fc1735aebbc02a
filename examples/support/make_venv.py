# SPDX-License-Identifier: MIT
"""make_venv.py DIRECTORY REQUIREMENTS [--package SOURCE BUILD]: makes an environment, with the package built from SOURCE.

Keeps what exists already; the package is built incrementally in BUILD.
"""

import pathlib
import subprocess
import sys


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("%s\n%s\nthe Python environment cannot be made: `%s` failed. It needs python3-venv, and PyPI or a "
                 "mirror that pip is configured for." % (done.stdout, done.stderr, " ".join(map(str, command))))


def make(directory, requirements):
    wanted = requirements.read_text()
    mark = directory / "installed.txt"
    if mark.exists() and mark.read_text() == wanted:
        return
    python = pathlib.Path("/usr/bin/python3")
    run(python if python.exists() else sys.executable, "-m", "venv", "--clear", directory)
    run(directory / "bin" / "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement", requirements)
    mark.write_text(wanted)


def install_package(directory, source, build):
    pip = directory / "bin" / "pip"
    wheels = build / "wheels"
    for old in wheels.glob("*.whl"):
        old.unlink()
    run(pip, "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", wheels,
        "--config-settings=build-dir=%s" % build, source)
    run(pip, "install", "--quiet", "--force-reinstall", "--no-deps", *wheels.glob("*.whl"))


def main(directory, requirements, package=None, source=None, build=None):
    make(pathlib.Path(directory), pathlib.Path(requirements))
    if package == "--package":
        install_package(pathlib.Path(directory), source, pathlib.Path(build))


if __name__ == "__main__":
    main(*sys.argv[1:])
