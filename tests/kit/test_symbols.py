# SPDX-License-Identifier: MIT
"""Which names the framework's libraries take from the programs that link them."""

import os
import pathlib
import re
import subprocess
import unittest

DEFINED = re.compile(r"^[0-9a-f]+ [TDBRC] (\w+)$", re.MULTILINE)
#: Names of C++ have a namespace, and those with two underscores are the compiler's.
OURS = re.compile(r"_Z|__|forksafe_")


def taken(listed):
    """The names of C that are not forksafe's, in what nm prints of a library."""
    return sorted(name for name in DEFINED.findall(listed) if not OURS.match(name))


class Symbols(unittest.TestCase):
    def test_a_program_may_give_its_functions_of_c_any_name_without_our_prefix(self):
        tree = pathlib.Path(os.environ["FORKSAFE_TREE"])
        # Those of other projects are built meanwhile, by other tests.
        libraries = sorted(set(tree.rglob("libforksafe*.a")) - set(tree.glob("tests/package/**/*.a")))
        self.assertIn(tree / "libforksafe.a", libraries)
        for library in libraries:
            listed = subprocess.run(["nm", "--extern-only", library], capture_output=True, text=True, check=True).stdout
            self.assertIn(" T _Z", listed, library)
            self.assertEqual(taken(listed), [], library)

    def test_one_that_is_taken_is_found(self):
        listed = "0000000000000000 T _ZN8forksafe3runEv\n0000000000000040 T forksafe_run\n0000000000000080 T on_deadline\n"
        self.assertEqual(taken(listed + "                 U fork\n"), ["on_deadline"])


if __name__ == "__main__":
    unittest.main()
