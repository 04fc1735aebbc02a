# SPDX-License-Identifier: MIT
"""Whether all code of this tree is compiled with the warnings, as errors where its preset says so, and no user's code is."""

import json
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def lacking(commands, flags):
    """What is compiled without one of the flags, and without which."""
    return ["%s lacks %s" % (one["file"], flag) for one in commands for flag in flags if flag not in one["command"].split()]


class OfThisTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tree = pathlib.Path(os.environ["FORKSAFE_TREE"])
        cls.commands = json.loads((tree / "compile_commands.json").read_text())
        cls.settings = dict(re.findall(r"^(\w+):\w+=(.*)$", (tree / "CMakeCache.txt").read_text(), re.MULTILINE))
        cls.are_errors = cls.settings.get("CMAKE_COMPILE_WARNING_AS_ERROR") == "ON"
        cls.flags = os.environ["FORKSAFE_WARNINGS"].split(",") + ["-Werror"] * cls.are_errors

    def rooms(self):
        """A command for each folder at the top that has sources."""
        found = {}
        for one in self.commands:
            path = pathlib.Path(one["file"])
            if path.suffix == ".cpp" and path.is_relative_to(ROOT):
                found.setdefault(path.relative_to(ROOT).parts[0], one)
        found.pop("build", None)
        return found

    def test_each_source_is_compiled_with_them(self):
        self.assertIn("-Wconversion", self.flags)
        self.assertEqual(lacking(self.commands, self.flags), [])

    def test_a_source_without_them_is_found(self):
        first, *others = self.commands
        self.assertEqual(lacking([{**first, "command": first["command"].replace("-Wshadow ", "")}, *others], self.flags),
                         ["%s lacks -Wshadow" % first["file"]])

    def test_a_mistake_in_any_room_ends_its_compilation_where_they_are_errors(self):
        rooms = self.rooms()
        expected = {"modules", "tests"} | ({"examples"} if self.settings["FORKSAFE_EXAMPLES"] == "ON" else set())
        self.assertLessEqual(expected, set(rooms))
        for room, one in rooms.items():
            compiler, *words = one["command"].split()
            flags = [word for word in words if word.startswith(("-W", "-std="))]
            done = subprocess.run([compiler, *flags, "-fsyntax-only", "-x", "c++", "-"], capture_output=True, text=True,
                                  input="int narrowed(long number) { return number; }\n", check=False)
            self.assertIn("implicit conversion loses integer precision", done.stderr, room)
            self.assertEqual(done.returncode != 0, self.are_errors, room)


class OfThePackage(unittest.TestCase):
    """A project that finds the package decides on its warnings itself."""

    def test_brings_no_warning_and_no_error(self):
        files = sorted(pathlib.Path(os.environ["FORKSAFE_STAGE"]).rglob("*.cmake"))
        self.assertIn("forksafe-config.cmake", [file.name for file in files])
        for file in files:
            text = re.sub(r"^ *#.*", "", file.read_text(), flags=re.MULTILINE)
            # What begins with no-error only takes back.
            self.assertEqual(re.findall(r"-W(?!no-error=)[a-z][\w=+-]*|COMPILE_WARNING_AS_ERROR", text), [], file)


if __name__ == "__main__":
    unittest.main()
