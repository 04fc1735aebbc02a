# SPDX-License-Identifier: MIT
"""Whether tests/mutate distinguishes a mutant that a test has noticed from one that the compiler cannot read."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from mutants import Mutant, judge, tree, trial  # noqa: E402

PRESETS = """{
  "version": 6,
  "configurePresets": [{"name": "plain", "generator": "Ninja", "binaryDir": "${sourceDir}/build/plain"}],
  "buildPresets": [{"name": "plain", "configurePreset": "plain"}],
  "testPresets": [{"name": "plain", "configurePreset": "plain"}]
}
"""

#: A program in Python. Its compiler refuses what Python cannot read, and a limit above a hundred. The count is the number of
#: its builds.
PROJECT = """
cmake_minimum_required(VERSION 3.28)
project(small NONE)
enable_testing()
set(source ${CMAKE_SOURCE_DIR}/program.py)
add_custom_command(OUTPUT program.built DEPENDS ${source} ${CMAKE_SOURCE_DIR}/compiler.py
  COMMAND "%(python)s" ${CMAKE_SOURCE_DIR}/compiler.py ${source} COMMAND ${CMAKE_COMMAND} -E copy ${source} program.built)
add_custom_target(program ALL DEPENDS program.built)
add_test(NAME small.limit COMMAND "%(python)s" -c "import program; assert program.limit >= 10")
set_tests_properties(small.limit PROPERTIES WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
"""
COMPILER = """
import pathlib, sys
text = pathlib.Path(sys.argv[1]).read_text()
with open("count", "a") as count: count.write("built\\n")
try: compile(text, "", "exec")
except SyntaxError: sys.exit(sys.argv[1] + ":1:1: error: expected ';' after expression")
if "100" in text: sys.exit(sys.argv[1] + ":1:1: error: static assertion failed: the limit has two digits")
"""
PROGRAM = "limit = 10  # at least\n"


def lines(text):
    return textwrap.dedent(text).lstrip("\n")


class Folder(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.root, self.copy = self.directory / "root", self.directory / "kept" / "tree"
        self.root.mkdir()
        subprocess.run(["git", "init", "--quiet", str(self.root)], check=True)


class Judge(unittest.TestCase):
    """The verdicts on the compilers' messages about mutants."""

    DEMAND = lines("""
        FAILED: CMakeFiles/toy.dir/toy.cppm.o
        /usr/bin/clang++-19 -DTEXT="hears no event" -c /tree/tests/unit/toy.cppm
        /tree/modules/component/fork_safe_app.cppm:30:3: error: static assertion failed: Alarm hears no event
           30 |   static_assert(hears_something<T>, because<T>());
        /tree/tests/unit/toy.cppm:9:1: note: in instantiation of template class 'ForkSafeApp<Toy, Alarm>' requested here
        1 error generated.
        """)
    CALL = lines("""
        FAILED: [code=1] unit.cpp.o
        /tree/tests/unit/unit.cpp:80:5: error: no matching function for call to 'subscribe'
        /tree/modules/component/subscriber.cppm:11:10: note: because 'Alarm hears no event' evaluated to false
        """)
    SYNTAX = lines("""
        FAILED: unit.cpp.o
        /usr/bin/clang++-19 -DTEXT="hears no event" -c /tree/tests/unit/unit.cpp
        /tree/modules/component/subscriber.cppm:30:3: error: expected ';' after expression
        """)
    LINK = lines("""
        FAILED: unit
        /usr/bin/ld: slots.cpp.o: undefined reference to `hears no event'
        clang++-19: error: linker command failed with exit code 1
        """)
    REFUSAL = "hears no event"

    def test_the_words_of_each_failure(self):
        for said in (self.DEMAND, self.CALL, self.DEMAND + self.CALL):
            self.assertTrue(judge.refuses(said, self.REFUSAL), said)

    def test_other_failures(self):
        for said in ("", "ninja: error: unknown target\n", self.SYNTAX, self.LINK, self.DEMAND + self.SYNTAX,
                     self.LINK + self.CALL):
            self.assertFalse(judge.refuses(said, self.REFUSAL), said)

    def test_no_words_were_expected(self):
        self.assertFalse(judge.refuses(self.DEMAND, ""))


class Tree(Folder):
    def test_it_is_renewed(self):
        for name, text in (("same", "1"), ("changed", "1"), ("folder/gone", "1"), (".gitignore", "build\n")):
            (self.root / name).parent.mkdir(exist_ok=True)
            (self.root / name).write_text(text)
        tree.renew(self.copy, self.root)
        (self.copy / "build").mkdir()
        (self.copy / "build" / "kept").write_text("built")
        old = {name: (self.copy / name).stat().st_mtime_ns for name in ("same", "changed")}
        (self.root / "changed").write_text("2")
        (self.root / "folder" / "gone").unlink()
        (self.root / "build").mkdir()
        (self.root / "build" / "own").write_text("not a source")
        # A file that is older than the build of the last mutant has to be built too.
        os.utime(self.root / "changed", ns=(0, 0))
        tree.renew(self.copy, self.root)
        self.assertEqual((self.copy / "same").stat().st_mtime_ns, old["same"])
        self.assertEqual((self.copy / "changed").read_text(), "2")
        self.assertGreaterEqual((self.copy / "changed").stat().st_mtime_ns, old["changed"])
        self.assertFalse((self.copy / "folder" / "gone").exists())
        self.assertEqual([path.name for path in (self.copy / "build").iterdir()], ["kept"])


class Trial(Folder):
    def setUp(self):
        super().setUp()
        for name, text in (("CMakePresets.json", PRESETS), ("CMakeLists.txt", PROJECT % {"python": sys.executable}),
                           ("compiler.py", COMPILER), ("program.py", PROGRAM), (".gitignore", "build\n__pycache__\n")):
            (self.root / name).write_text(text)

    def check(self, status, *expected):
        """Tries (after, refusal) of each of them, and compares the messages."""
        mutants = [Mutant("number_%d" % number, "plain", "small", "program.py", "limit = 10", after, refusal)
                   for number, (after, refusal, _) in enumerate(expected)]
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(trial.Trial(self.root, self.directory / "kept").all(mutants), status, errors)
        *verdicts, counts = said.getvalue().splitlines()
        for line, (_, _, words) in zip(verdicts, expected, strict=True):
            self.assertIn(words + " (", line)
        self.assertEqual((self.copy / "program.py").read_text(), PROGRAM)
        return counts

    def test_noticed(self):
        self.assertEqual(self.check(0, ("limit = 1", "", "a test is red"),
                                    ("limit = 100", "two digits", "refused by the compiler")), "2 passed, 0 failed")

    def test_survived(self):
        self.assertEqual(self.check(1, ("limit = 11", "", "SURVIVED: no test notices"),
                                    ("limit = 1", "two digits", "SURVIVED: it compiles, and nobody says 'two digits'")),
                         "0 passed, 2 failed")

    def test_does_not_compile(self):
        self.assertEqual(
            self.check(1, ("limit = (", "", "does not compile: repair the mutant"),
                       ("limit = 100", "", "does not compile: repair the mutant"),
                       ("limit = (", "two digits", "does not compile, and nobody says 'two digits': repair the mutant"),
                       ("limit = 1", "", "a test is red")), "1 passed, 3 failed")

    def test_the_unbroken_tree_is_tried_first(self):
        (self.root / "program.py").write_text(PROGRAM.replace("10", "9"))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            mutant = Mutant("one", "plain", "small", "program.py", "limit = 9", "limit = 8")
            self.assertEqual(trial.Trial(self.root, self.directory / "kept").all([mutant]), 1)
        self.assertIn("the unbroken tree fails its tests", said.getvalue())

    def test_what_was_built_is_kept(self):
        count = self.copy / "build" / "plain" / "count"
        self.check(0, ("limit = 1", "", "a test is red"))
        before = len(count.read_text().splitlines())
        self.check(0, ("limit = 2", "", "a test is red"))
        # The tree is built once before the mutant, and once with it.
        self.assertEqual(len(count.read_text().splitlines()), before + 2)

    def test_what_an_interrupted_run_leaves(self):
        self.check(0, ("limit = 1", "", "a test is red"))
        (self.copy / "program.py").write_text("limit = 1  # a mutant\n")
        self.check(0, ("limit = 1", "", "a test is red"))


class Choice(unittest.TestCase):
    def mutate(self, *arguments):
        done = subprocess.run([sys.executable, str(TESTS / "mutate"), *arguments], capture_output=True, text=True, check=False)
        return done.returncode, [line.split()[0] for line in done.stdout.splitlines()], done.stderr

    def test_names_and_patterns(self):
        self.assertEqual(self.mutate("--list", "errno_lost", "page_esc*")[1], ["errno_lost", "page_escapes_nothing"])
        _, everything, _ = self.mutate("--list")
        self.assertGreater(len(everything), 100)

    def test_a_pattern_that_fits_no_mutant(self):
        for pattern in ("no_such_mutant", "no_such_*"):
            status, said, errors = self.mutate("--list", "errno_lost", pattern)
            self.assertEqual((status, said), (1, []))
            self.assertIn("there is no mutant %r" % pattern, errors)


if __name__ == "__main__":
    unittest.main()
