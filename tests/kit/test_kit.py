# SPDX-License-Identifier: MIT
"""The tests' own helpers: how they treat skips and failures, and whether tests/run counts them."""

import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import summary  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent

#: The property of CTest by which the exit status 77 is a skip.
PASSED, FAILED, SKIPPED = 0, 1, 77

SUITE = """
import threading, unittest

class Passes(unittest.TestCase):
    def test_one(self): pass

class Fails(unittest.TestCase):
    def test_one(self): self.fail("as written")

class Throws(unittest.TestCase):
    def setUp(self): raise RuntimeError("as written")
    def test_one(self): pass

class Skips(unittest.TestCase):
    def test_one(self): self.skipTest("there is\\nno such program")
    @unittest.skip("by a decorator")
    def test_other(self): self.fail()

class SkipsAsClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest("the whole class")
    def test_one(self): self.fail()

class SkipsAndPasses(Passes):
    def test_other(self): self.skipTest("half")

class SkipsAndFails(Fails):
    def test_other(self): self.skipTest("half")

class SkipsInPart(unittest.TestCase):
    def test_one(self):
        for number in range(2):
            with self.subTest(number):
                if number: self.skipTest("half")

class FailsBeforeItSkips(unittest.TestCase):
    def test_one(self):
        with self.subTest(): self.fail("as written")
        self.skipTest("too late")

class SkipsAndFailsInTearDown(unittest.TestCase):
    def tearDown(self): self.fail("as written")
    def test_one(self): self.skipTest("and leaves a mess")

class FailsInAThread(unittest.TestCase):
    def test_one(self):
        thread = threading.Thread(target=self.fail, args=("as written",), name="asker")
        thread.start()
        thread.join()

class SucceedsAgainstItsWord(unittest.TestCase):
    @unittest.expectedFailure
    def test_one(self): pass

class Empty(unittest.TestCase):
    pass
"""

PROJECT = """
cmake_minimum_required(VERSION 3.28)
project(kit NONE)
enable_testing()
add_test(NAME passes COMMAND ${CMAKE_COMMAND} -E true)
add_test(NAME tells COMMAND "%(python)s" -c "print('[skipped] no skip at all')")
add_test(NAME skips COMMAND "%(python)s" "%(kit)s/skip.py" "no such library")
add_test(NAME silent COMMAND "%(python)s" -c "raise SystemExit(77)")
add_test(NAME fails COMMAND "%(python)s" -c "print('[skipped] or so it says'); raise SystemExit(201)")
add_test(NAME quotes COMMAND ${CMAKE_COMMAND} -E echo "100%% tests passed, 0 tests failed out of 99")
add_test(NAME off COMMAND ${CMAKE_COMMAND} -E true)
set_tests_properties(passes tells skips silent fails quotes off PROPERTIES SKIP_RETURN_CODE 77)
set_tests_properties(off PROPERTIES DISABLED ON)
"""


class Temporary(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def run_here(self, *command):
        done = subprocess.run([str(word) for word in command], cwd=self.directory, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class Cases(Temporary):
    def setUp(self):
        super().setUp()
        (self.directory / "suite.py").write_text(textwrap.dedent(SUITE))

    def check(self, expected, classes, *words):
        for name in classes:
            with self.subTest(name):
                status, said = self.run_here(sys.executable, HERE / "cases.py", "suite." + name)
                self.assertEqual(status, expected, said)
                for word in words:
                    self.assertIn(word, said)

    def test_passed(self):
        self.check(PASSED, ["Passes", "Passes.test_one"])

    def test_skipped(self):
        self.check(SKIPPED, ["Skips"], "[skipped] there is no such program\n", "[skipped] by a decorator\n")
        self.check(SKIPPED, ["Skips.test_other"], "[skipped] by a decorator\n")
        self.check(SKIPPED, ["SkipsAsClass"], "[skipped] the whole class\n")

    def test_failed(self):
        self.check(FAILED, ["Fails", "Throws", "SucceedsAgainstItsWord", "NoSuchClass", "Passes.no_such_method"])

    def test_a_failure_wins_over_a_skip(self):
        self.check(FAILED, ["SkipsAndFails", "FailsBeforeItSkips", "SkipsAndFailsInTearDown"])

    def test_a_skip_that_cannot_be_counted(self):
        self.check(FAILED, ["SkipsAndPasses", "SkipsInPart"], "make each of them a test of CTest")

    def test_an_exception_in_a_thread(self):
        self.check(FAILED, ["FailsInAThread"], "an exception ended thread asker", "as written")

    def test_nothing_ran(self):
        self.check(FAILED, ["Empty"], "no test ran")


class Programs(Temporary):
    def check(self, expected, suite, *words):
        status, said = self.run_here(os.environ["FORKSAFE_KIT_SKIPS"], "--run_test=" + suite)
        self.assertEqual(status, expected, said)
        for word in words:
            self.assertIn(word, said)

    def test_passed(self):
        self.check(PASSED, "passes")

    def test_skipped(self):
        self.check(SKIPPED, "skips", "[skipped] of its own\n", "[skipped] precondition failed: of a precondition\n")

    def test_failed(self):
        self.check(201, "fails")
        self.check(201, "skips_and_fails", "[skipped] of its own\n")
        self.check(201, "fails_and_skips_in_one_case")

    def test_hung(self):
        # Boost.Test throws in the signal handler that ends a case, which the thread sanitizer would report.
        with unittest.mock.patch.dict(os.environ, FORKSAFE_TEST_SECONDS="1", TSAN_OPTIONS="report_signal_unsafe=0"):
            for suite in ("hangs", "hangs_at_its_own_risk"):
                self.check(201, suite, 'in "%s/one": signal: SIGALRM (timeout while executing function)' % suite,
                           "*** 1 failure is detected")

    def test_values_are_shown(self):
        self.check(201, "prints", "[red != green]", "[number 0 != number 1]", "[3ns <= 2h]",
                   "[0ms after the epoch != 5ms after the epoch]", "[nothing != 7]")

    def test_a_skip_that_cannot_be_counted(self):
        for suite in ("skips_and_passes", "skips_by_precondition_and_passes"):
            self.check(FAILED, suite, "give each a suite and a test of CTest")


class Summary(Temporary):
    def test_a_run_of_ctest(self):
        (self.directory / "CMakeLists.txt").write_text(PROJECT % {"python": sys.executable, "kit": HERE})
        status, said = self.run_here("cmake", "-S", self.directory, "-B", self.directory / "build")
        self.assertEqual(status, 0, said)
        status, said = self.run_here("ctest", "--test-dir", self.directory / "build", "--output-on-failure")
        self.assertNotEqual(status, 0, said)
        log = self.directory / "build" / "Testing" / "Temporary" / "LastTest.log"
        counts, *lines = summary.summary(said.splitlines(), summary.lines_of(log))
        self.assertEqual(counts, "4 1 3", said)
        self.assertEqual(sorted(lines), ["off: is disabled", "silent: gave no reason", "skips: no such library"])
        failed = list(summary.failures(said.splitlines()))
        self.assertEqual(failed, ["fails (Failed)", "  [skipped] or so it says"], said)

    def test_no_test_ran(self):
        self.assertEqual(list(summary.summary(["ninja: build stopped"], [])), ["0 0 0"])


class Refuses(Temporary):
    def check(self, expected, pattern, program):
        status, said = self.run_here(sys.executable, HERE / "refuses.py", pattern, sys.executable, "-c", program)
        self.assertEqual(status, expected, said)

    def test_a_refusal_has_a_status_and_words(self):
        self.check(PASSED, "no such modifier: choose 1 to 255", "raise SystemExit('no such\\n  modifier: choose\\n 1 to 255')")

    def test_a_warning_is_none(self):
        self.check(FAILED, "no such modifier", "print('no such modifier')")

    def test_a_failure_of_another_kind_is_none(self):
        self.check(FAILED, "no such modifier", "raise SystemExit('no such file')")


class Exports(unittest.TestCase):
    """Whether tests/exports sees what a module exports, and that the list says otherwise."""

    UNIT = """
namespace forksafe {
struct Hidden {};
}  // namespace forksafe

export namespace forksafe {

/// A comment.
template <class Type>
  requires Hears<Type>
class [[nodiscard]] Shown : Hidden {
 public:
  int member();
};
template <class Type>
concept Kind = requires(Type type) {
  type.call();
} || because("it can't");
[[nodiscard]] constexpr std::map<int, std::string> const& made(int number) noexcept;
inline constexpr Table<int (*)(int)> table{made};

}  // namespace forksafe

export namespace forksafe::inner {
enum class State { one };
}  // namespace forksafe::inner

export int loose();
"""
    PART = "export module forksafe.x:part;\nexport namespace forksafe {\nusing Other = int;\n}  // namespace forksafe\n"

    def faults(self, names):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in (("modules/x/x.cppm", "export module forksafe.x;\n" + self.UNIT),
                               ("modules/x/part.cppm", self.PART),
                               ("tests/exports.txt", "# a line\nforksafe.x:\n  " + names.replace(" ", "\n  ") + "\n")):
                pathlib.Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
                pathlib.Path(folder, path).write_text(text)
            run = subprocess.run([sys.executable, HERE.parent / "exports", folder], capture_output=True, text=True)
            self.assertEqual(run.returncode, 1 if run.stdout else 0, run.stderr)
            return run.stdout

    def test_true_list(self):
        self.assertEqual(self.faults("Shown Kind made table inner::State loose Other"), "")

    def test_false_lists(self):
        for names, fault in (("Shown Kind made table inner::State loose", "forksafe.x exports Other,"),
                             ("Kind made table inner::State loose Other", "forksafe.x exports Shown,"),
                             ("Shown Kind made table inner::State loose Other Hidden", "forksafe.x does not export Hidden,")):
            with self.subTest(fault):
                self.assertEqual(self.faults(names).split(" which")[0], fault)


class Maps(unittest.TestCase):
    """Whether tests/maps notices that the first file of a module is not true."""

    PARTS = {"a": "", "b": "import :a;\nimport forksafe.other;\n"}

    def faults(self, first, **parts):
        with tempfile.TemporaryDirectory() as folder:
            room = pathlib.Path(folder, "modules", "x")
            room.mkdir(parents=True)
            for name, imports in {**self.PARTS, **parts}.items():
                (room / f"{name}.cppm").write_text(f"export module forksafe.x:{name};\n{imports}")
            (room / "x.cppm").write_text("export module forksafe.x;\n" + first)
            run = subprocess.run([sys.executable, HERE.parent / "maps", folder], capture_output=True, text=True)
            self.assertEqual(run.returncode, 1 if run.stdout else 0, run.stderr)
            return run.stdout

    def test_true_map(self):
        self.assertEqual(self.faults("import :a;\nimport :b;  // a; forksafe.other\n"), "")
        self.assertEqual(self.faults("// each part may import: forksafe.other\nimport :a;\nimport :b;  // a\n"), "")

    def test_false_maps(self):
        for first, fault in (("import :a;\nimport :b;  // a\n", "imports a; forksafe.other, and the map says a"),
                             ("import :a;  // b\nimport :b;  // a; forksafe.other\n", "imports nothing, and the map says b"),
                             ("import :b;  // a; forksafe.other\nimport :a;\n", ":b stands above :a"),
                             ("import :a;\n", "no line for :b"),
                             ("import :a;\nimport :b;  // a; forksafe.other\nimport :c;\n", "there is no part :c")):
            with self.subTest(fault):
                self.assertIn(fault, self.faults(first))


if __name__ == "__main__":
    unittest.main()
