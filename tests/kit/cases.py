# SPDX-License-Identifier: MIT
"""cases.py SUITE.CLASS[.METHOD]...: runs tests of unittest as one test of CTest, of the folder it is called in.

The exit status is 0 if all have passed, 77 if all were skipped, and otherwise 1. One entry of CTest is passed or skipped as
a whole. So a skip beside a test that ran is refused, because CTest would not count it. An exception that ends a thread is a
failure, and so is a name that no test has.
"""

import pathlib
import sys
import threading
import unittest

SKIPPED = 77


class Result(unittest.TextTestResult):
    """Counts the passed tests, and distinguishes the skip of a whole test from that of a part."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.passed += 1


def verdict(result, of_threads):
    """The exit status, and the errors beside the failures that unittest itself has shown."""
    if of_threads:
        return 1, "an exception ended %s: its test has to hear of it" % ", ".join(of_threads)
    if not result.wasSuccessful():
        return 1, None
    if not result.skipped:
        return (0, None) if result.passed else (1, "no test ran")
    if result.passed or any(hasattr(test, "test_case") for test, _ in result.skipped):
        return 1, "a part was skipped and a part has run: make each of them a test of CTest, so that the skip is counted"
    return SKIPPED, None


def main(names):
    sys.path.insert(0, str(pathlib.Path.cwd()))
    of_threads, show = [], threading.excepthook

    def note(arguments):
        of_threads.append("thread %s" % (arguments.thread.name if arguments.thread else "of unknown name"))
        show(arguments)

    threading.excepthook = note
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Result)
    result = runner.run(unittest.defaultTestLoader.loadTestsFromNames(names))
    status, words = verdict(result, of_threads)
    for _, reason in result.skipped:
        print("[skipped] %s" % " ".join(reason.split()), flush=True)
    if words:
        print("cases.py: %s" % words, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
