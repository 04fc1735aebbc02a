# SPDX-License-Identifier: MIT
"""Tries mutants: builds each in a copy of the tree, and runs the tests that must notice it."""

import subprocess
import sys
import time

from . import judge, tree

PROGRAMS = {"unit": ["unit"], "journal": ["journal"], "generation": ["generation", "generation_detectors"],
            "audit": ["audit", "audit_hazards", "forksafe_audit"], "resource": ["resource_kinds"], "fail": ["toy"]}
OF_STANDALONE = {"containers": ["probe", "hooksonly"]}


def programs(preset, pattern):
    """The target to build for the tests of the pattern; None for everything."""
    room, _, suite = pattern.partition(".")
    if room == "resource" and not suite.startswith(("kinds", "peer")):
        return ["resource_" + suite]
    return PROGRAMS.get(room) or (OF_STANDALONE.get(room) if preset == "standalone" else None)


def targets(preset, patterns):
    """The targets for several mutants, as options of the build, so that no mutant waits for the rest."""
    wanted = [programs(preset, pattern) for pattern in patterns]
    if None in wanted:
        return []
    return ["--target", *sorted({program for one in wanted for program in one})]


class Trial:
    """The mutants of `root`, in a folder that holds a copy of it, its builds and a log."""

    def __init__(self, root, folder):
        self.root, self.copy, self.log = root, folder / "tree", folder / "log"
        tree.renew(self.copy, root)
        self.log.write_bytes(b"")

    def run(self, *command):
        with open(self.log, "ab") as output:
            return subprocess.run(command, cwd=self.copy, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  check=False).returncode

    def build(self, preset, patterns):
        """The status of a build, and its output."""
        begin = self.log.stat().st_size
        status = self.run("cmake", "--build", "--preset", preset, *targets(preset, patterns))
        with open(self.log, "rb") as file:
            file.seek(begin)
            return status, file.read().decode(errors="replace")

    def test(self, preset, pattern):
        return self.run("ctest", "--preset", preset, "-R", pattern, "--no-tests=error", "--stop-on-failure")

    def fault_of_unbroken(self, preset, patterns):
        """The reason why no mutant of a preset can be judged, or None."""
        if self.run("cmake", "--preset", preset) or self.build(preset, patterns)[0]:
            return "the unbroken tree does not build"
        return "the unbroken tree fails its tests" if self.test(preset, "|".join(patterns)) else None

    def verdict(self, mutant):
        """Whether the mutant in the copy was noticed as it must be, and the words for it."""
        status, said = self.build(mutant.preset, [mutant.tests])
        if status and not mutant.refusal:
            return False, "does not compile: repair the mutant"
        if status and not judge.refuses(said, mutant.refusal):
            return False, "does not compile, and nobody says %r: repair the mutant" % mutant.refusal
        if status:
            return True, "refused by the compiler"
        if mutant.refusal:
            return False, "SURVIVED: it compiles, and nobody says %r" % mutant.refusal
        if self.test(mutant.preset, mutant.tests):
            return True, "a test is red"
        return False, "SURVIVED: no test notices"

    def attempt(self, mutant):
        file = self.copy / mutant.path
        original = file.read_text()
        if (count := original.count(mutant.before)) != 1:
            return False, "cannot be made: its text stands %d times in %s" % (count, mutant.path)
        file.write_text(original.replace(mutant.before, mutant.after))
        try:
            return self.verdict(mutant)
        finally:
            file.write_text(original)

    def all(self, mutants):
        """The exit status: 0 if every mutant was noticed."""
        for preset in sorted({mutant.preset for mutant in mutants}):
            print("building the unbroken %s" % preset, file=sys.stderr)
            if fault := self.fault_of_unbroken(preset, sorted({mutant.tests for mutant in mutants if mutant.preset == preset})):
                print("tests/mutate: %s; see %s" % (fault, self.log), file=sys.stderr)
                return 1
        failed = 0
        # A file that the next mutant also changes is built once, not restored and built in between.
        for mutant in sorted(mutants, key=lambda one: (one.preset, one.path)):
            begin = time.monotonic()
            noticed, words = self.attempt(mutant)
            failed += not noticed
            print("%-40s %s (%.0f s)" % (mutant.name, words, time.monotonic() - begin), flush=True)
        print("%d passed, %d failed" % (len(mutants) - failed, failed))
        return 1 if failed else 0
