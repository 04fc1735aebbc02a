# SPDX-License-Identifier: MIT
"""Whether tests/pages notices what is wrong with a page."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[1] / "pages"
FRONT = "# Front\n\nThis page is for all.\n\n[The room](room/README.md#what-it-is)\n"
ROOM = "# Room\n\nThis page is for some.\n\n## What it is\n\n"


class Pages(unittest.TestCase):
    FILES = {
        "examples/CMakeLists.txt": "add_executable(built built.cpp)\n",
        "examples/built.cpp": "int one();\n\nint two();\n",
        "examples/forgotten.cpp": "int three();\n",
        "examples/run": "--serve\n",
        "tests/presets.json": '{"workflowPresets": [{"name": "all"}]}',
    }

    def faults(self, room="", front=FRONT, **more):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**self.FILES, "README.md": front, "room/README.md": ROOM + room, **more}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            run = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 1 if run.stdout else 0, run.stderr)
            return run.stdout

    def test_true_pages(self):
        self.assertEqual(self.faults("```cpp\nint two();\n\n  int one();\n```\n\n```text\nanything\n```\n"), "")
        self.assertEqual(self.faults("```sh\nexamples/run --serve  # stays\ncmake --workflow --preset all\n```\n"), "")

    def test_dead_links(self):
        for link in ("../nowhere.md", "../examples/none.cpp", "../../outside", "#no-heading", "../README.md#no-heading"):
            with self.subTest(link):
                self.assertIn("the link " + link, self.faults("[It](%s)\n" % link))
        self.assertIn("no page leads to room/README.md", self.faults(front="# Front\n\nThis page is for all.\n"))

    def test_front_page_is_short(self):
        lines = FRONT.count("\n")
        self.assertEqual(self.faults(front=FRONT + "\n" * (150 - lines)), "")
        self.assertIn("README.md has 151 lines", self.faults(front=FRONT + "\n" * (151 - lines)))

    def test_a_page_begins_with_its_purpose(self):
        self.assertIn("begins with a heading and a sentence", self.faults(front=FRONT.replace("This page", "## This page")))

    def test_code_that_is_not_built(self):
        for block, fault in (("cpp\nint four();\n", "in no file that is built"),
                             ("cpp\nint three();\n", "in no file that is built"),
                             ("cmake\nadd_library(x)\n", "in no file that is built"), ("\nint one();\n", "in the language ''"),
                             ("python\n# app.py\n", "nothing starts app.py")):
            with self.subTest(block):
                self.assertIn(fault, self.faults("```%s```\n" % block))
        self.assertIn("does not end", self.faults("```cpp\nint one();\n"))

    def test_commands_that_there_are_not(self):
        for command, fault in (("examples/run --json", "has no option --json"), ("cmake --workflow --preset some", "no preset"),
                               ("cmake --build --target none", "no target none"), ("examples/go", "no test runs"),
                               ("cmake -DFORKSAFE_WISH=1", "no CMake file knows FORKSAFE_WISH")):
            with self.subTest(command):
                self.assertIn(fault, self.faults("```sh\n%s\n```\n" % command))

    def test_a_sentence_stands_once(self):
        said = "\nA sentence that is long enough to tell something stands once, on its page.\n"
        self.assertIn("repeats a sentence", self.faults(said, front=FRONT + said))


if __name__ == "__main__":
    unittest.main()
