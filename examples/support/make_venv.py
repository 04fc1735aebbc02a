# SPDX-License-Identifier: MIT
"""make_venv.py DIRECTORY REQUIREMENTS [--package SOURCE BUILD]: an environment, with the package built from SOURCE in it.

What is there already is not made again; the package is built incrementally in BUILD.
"""

import pathlib
import sys

import venv


def install_package(directory, source, build):
    pip = directory / "bin" / "pip"
    wheels = build / "wheels"
    for old in wheels.glob("*.whl"):
        old.unlink()
    venv.run(pip, "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", wheels,
             "--config-settings=build-dir=%s" % build, source)
    venv.run(pip, "install", "--quiet", "--force-reinstall", "--no-deps", *wheels.glob("*.whl"))


def main(directory, requirements, package=None, source=None, build=None):
    venv.main(pathlib.Path(directory), pathlib.Path(requirements))
    if package == "--package":
        install_package(pathlib.Path(directory), source, pathlib.Path(build))


if __name__ == "__main__":
    main(*sys.argv[1:])
