# SPDX-License-Identifier: MIT
"""The Pyramid example: each library is damaged without the repairs, and none with them, in every container."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

import hosts

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: The results of Run.
RUN = pathlib.Path(os.environ["FORKSAFE_EXAMPLE_RUN"])


class Run(unittest.TestCase):
    def test_as_expected(self):
        done = subprocess.run([sys.executable, str(ROOT / "examples/support/with_servers.py"), "postgresql", "--", sys.executable,
                               str(ROOT / "examples/pyramid/compare.py"), str(hosts.OURS), "--json"],
                              capture_output=True, text=True, check=False)
        print(done.stderr, file=sys.stderr)
        self.assertTrue(done.stdout, "no table")
        said = json.loads(done.stdout)
        RUN.write_text(json.dumps({**said, "words": done.stderr}))
        self.assertEqual((done.returncode, len(said["libraries"])), (0, 12))


class Looked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        said = json.loads(RUN.read_text())
        cls.rows, cls.store, cls.words = said["libraries"], said["document_store"], said["words"]

    def rows_of(self, library):
        rows = [row for row in self.rows if row["library"] == library]
        self.assertEqual([row["container"] for row in rows], ["uwsgi", "gunicorn", "waitress"], self.words)
        return rows


class Example(Looked):
    def test_each_library_is_damaged_where_something_forks(self):
        for library in ("SQLAlchemy", "PyMongo", "random.Random"):
            self.assertEqual([row["damaged_without"] for row in self.rows_of(library)], [True, True, False], library)

    def test_nothing_is_damaged_with_the_repairs(self):
        self.assertEqual([row["damaged_with"] for row in self.rows], [False] * 12, self.words)

    def test_pycryptodome_asks_the_kernel(self):
        self.assertEqual([row["damaged_without"] for row in self.rows_of("pycryptodome")], [False] * 3)


class Documents(Looked):
    def test_pymongo_has_a_real_server(self):
        if self.store is False:
            self.skipTest(self.words)
        without = [row["without"] for row in self.rows_of("PyMongo")]
        self.assertEqual(without[:2], ["never finds the restarted store", "warns of the fork"])
        within = {row["with"] for row in self.rows_of("PyMongo")}
        self.assertEqual(within, {"a client each, finds the restarted store"})


if __name__ == "__main__":
    unittest.main()
