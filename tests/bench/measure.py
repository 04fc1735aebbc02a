# SPDX-License-Identifier: MIT
"""Measures everything and prints the table; tests/bench/run calls it."""

import argparse
import sys

import audit
import compile_time
import costs
import delivery
import generation
import journal
import page
import python_package
import rows
import serving
from tree import Options


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--only", metavar="TEXT", default="")
    given = parser.parse_args()
    options = Options(quick=given.quick, install=not given.no_install)

    measured = []
    for room in (costs, delivery, generation, journal, audit, page, serving, python_package, compile_time):
        for group in room.GROUPS:
            if any(given.only in name for name in group.names):
                measured += rows.measure(group, options)
    if not measured:
        parser.error("no row contains %r" % given.only)
    print(rows.as_json(measured) if given.json else rows.as_table(measured))


if __name__ == "__main__":
    sys.exit(main())
