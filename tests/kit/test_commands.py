# SPDX-License-Identifier: MIT
"""What tests/run and examples/run refuse before they install or build anything."""

import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Commands(unittest.TestCase):
    def check_refused(self, cause, program, *words):
        done = subprocess.run([ROOT / program, "--no-install", *words], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", cause + "\n"))

    def test_all_and_a_preset(self):
        for words in (("--all", "uwsgi"), ("uwsgi", "--all")):
            self.check_refused("tests/run: --all runs a list of its own, without uwsgi: give --all or presets", "tests/run", *words)

    def test_what_the_demo_cannot_run_in(self):
        self.check_refused("examples/run: python is the Python package, which is shown in a Pyramid application: "
                           "examples/run pyramid", "examples/run", "python")
        for name in ("uwsgi_python", "tomcat"):
            self.check_refused("examples/run: there is no container '%s': choose standalone, uwsgi, gunicorn, celery or pyramid"
                               % name, "examples/run", name)


if __name__ == "__main__":
    unittest.main()
