# SPDX-License-Identifier: MIT
"""The rooms of policies/: the rules find the names of containers in them, and the presets can be combined."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = re.compile(r'^  "(\S+)"', re.MULTILINE)
VARIABLE = re.compile(r'^  (\w+)="(.*)"$', re.MULTILINE)


def cmake(*words, directory=ROOT):
    done = subprocess.run(["cmake", *map(str, words)], cwd=directory, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Rules(unittest.TestCase):
    """A container is a folder. No list in the rules has to name it."""

    ROOMS = {"nginx": ("nginx", ""), "lua": ("lua", ""), "nginx_lua": ("nginx_lua, lua and nginx", ""),
             "both": ("both, of nginx", "forksafe_add_binding(library nginx)\n")}

    def check(self, *faults, **texts):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for room, (text, binding) in self.ROOMS.items():
                (root / "policies" / room).mkdir(parents=True)
                (root / "policies" / room / "binding.cmake").write_text(binding)
                (root / "policies" / room / "policy.cppm").write_text(
                    "// SPDX-License-Identifier: MIT\n// %s\n" % texts.get(room, text))
            (root / "modules").mkdir()
            (root / "modules" / "core.cpp").write_text("// SPDX-License-Identifier: MIT\n// %s\n" % texts.get("core", ""))
            status, said = cmake("-D", "ROOT=%s" % root, "-P", ROOT / "tests" / "rules.cmake")
            self.assertEqual(status, 1 if faults else 0, said)
            said = " ".join(said.split())
            for fault in faults:
                self.assertIn(fault, said)

    def test_a_room_names_itself_and_what_it_is_made_of(self):
        self.check()

    def test_a_room_names_no_other(self):
        self.check("policies/nginx names no other container", nginx="nginx, not lua")
        self.check("policies/both names no other container", both="nginx and lua")
        self.check("policies/lua names no other container", lua="as in both::")

    def test_a_word_that_holds_a_name_is_none(self):
        self.check(nginx="luaj, evaluation and bothered")

    def test_the_framework_names_none(self):
        self.check("modules/ names no container", core="as Nginx does")
        self.check("modules/ names no container", core="nginx_lua")


class Presets(unittest.TestCase):
    def test_each_room_with_a_binding_has_presets_of_its_name(self):
        rooms = sorted(path.parent.name for path in ROOT.glob("policies/*/binding.cmake"))
        for kind in ("configure", "build", "test", "workflow"):
            status, said = cmake("--list-presets=" + kind)
            self.assertEqual(status, 0, said)
            self.assertLessEqual(set(rooms), set(PRESET.findall(said)), kind)
        for room in rooms:
            status, said = cmake("--preset", room, "-N")
            self.assertEqual(dict(VARIABLE.findall(said)).get("FORKSAFE_CONTAINER"), room, said)

    def variables(self, *inherited):
        """The settings of a user's preset that inherits from these."""
        with tempfile.TemporaryDirectory() as folder:
            for entry in ROOT.iterdir():
                if not entry.name.startswith(".") and entry.name not in ("build", "CMakeUserPresets.json"):
                    os.symlink(entry, pathlib.Path(folder, entry.name))
            own = {"version": 6, "configurePresets": [{"name": "own", "inherits": inherited}]}
            pathlib.Path(folder, "CMakeUserPresets.json").write_text(json.dumps(own))
            _, said = cmake("--preset", "own", "-N", directory=folder)
            self.assertIn("Preset CMake variables:", said)
            return dict(VARIABLE.findall(said))

    def test_axes_combine_with_each_container_in_any_order(self):
        for inherited in (("uwsgi", "asan"), ("asan", "uwsgi")):
            found = self.variables(*inherited)
            self.assertEqual(found["FORKSAFE_CONTAINER"], "uwsgi")
            self.assertIn("-fsanitize=address,undefined", found["CMAKE_CXX_FLAGS"])
        for inherited in (("gunicorn", "tsan", "debug", "errors"), ("errors", "debug", "tsan", "gunicorn")):
            found = self.variables(*inherited)
            self.assertEqual(found["FORKSAFE_CONTAINER"], "gunicorn")
            self.assertEqual(found["CMAKE_CXX_FLAGS"], "-fsanitize=thread")
            self.assertEqual(found["CMAKE_BUILD_TYPE"], "Debug")
            self.assertEqual(found["CMAKE_COMPILE_WARNING_AS_ERROR"], "ON")

    def test_warnings_are_errors_in_what_is_built_each_time_and_by_each_compiler(self):
        for preset in ("all", "strict", "fuzz", "clang-22"):
            _, said = cmake("--preset", preset, "-N")
            self.assertEqual(dict(VARIABLE.findall(said)).get("CMAKE_COMPILE_WARNING_AS_ERROR"), "ON", preset)

    def test_the_package_is_built_for_release_without_tests_and_examples(self):
        _, said = cmake("--preset", "release", "-N")
        found = dict(VARIABLE.findall(said))
        self.assertEqual([found.get(name) for name in ("CMAKE_BUILD_TYPE", "BUILD_TESTING", "FORKSAFE_EXAMPLES")],
                         ["Release", "OFF", "OFF"])


if __name__ == "__main__":
    unittest.main()
