# SPDX-License-Identifier: MIT
"""The package as pip installed it: its names, its core, its types."""

import ast
import importlib
import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import unittest

SITE = pathlib.Path(importlib.util.find_spec("forksafe").origin).parent
SOURCE = pathlib.Path(__file__).resolve().parents[2]


def python(code, **environment):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


class Package(unittest.TestCase):
    def test_stable_abi(self):
        self.assertEqual([path.name for path in SITE.glob("*.so")], ["core.abi3.so"])

    def test_core_needs_no_library_that_a_machine_may_lack(self):
        needed = subprocess.run(["ldd", SITE / "core.abi3.so"], capture_output=True, text=True, check=True).stdout
        self.assertNotRegex(needed, "boost|stdc|gcc_s")

    def test_other_pythons_load_the_same_file(self):
        found = sorted((pathlib.Path.home() / ".pyenv" / "versions").glob("3.*/bin/python3")) + [pathlib.Path("/usr/bin/python3")]
        tried = 0
        for interpreter in found:
            version = subprocess.run([interpreter, "-c", "import sys; print(sys.version_info >= (3, 9))"],
                                     capture_output=True, text=True, check=False).stdout.strip()
            if version != "True":
                continue
            done = subprocess.run([interpreter, "-c", "import forksafe; print(forksafe.debug()['status'])"], check=False,
                                  capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SITE.parent)})
            self.assertEqual(done.stdout, "attempting auto-configure\n", "%s: %s" % (interpreter, done.stderr))
            tried += 1
        self.assertGreater(tried, 0)

    def test_import_loads_no_core(self):
        done = python("import sys, forksafe, forksafe.pyramid; print('forksafe.core' in sys.modules)")
        self.assertEqual(done.stdout, "False\n", done.stderr)

    def test_subscribe_hears_no_event_where_nothing_forks(self):
        done = python("import forksafe; n = forksafe.subscribe('ApplicationPostFork', print, 'key'); forksafe.unsubscribe(n)")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_mistakes_name_cause_and_cure(self):
        for code, text in {
            "forksafe.subscribe('PostFork', print, 'key')": "there is no event 'PostFork'",
            "forksafe.subscribe('ApplicationPostFork', 1, 'key')": "the subscriber 'key' is not callable",
            "forksafe.subscribe('ApplicationPostFork', print, 'key', 'first')": "there is no phase 'first': choose one of",
            "forksafe.unsubscribe(7)": "there is no subscription 7",
            "forksafe.on_failure('never')": "either 'closed' (it exits and is replaced) or 'open' (it serves)",
            "forksafe.nothing": "module 'forksafe' has no attribute 'nothing'",
        }.items():
            with self.subTest(code):
                self.assertIn(text, python("import forksafe\n" + code).stderr)

    def test_what_was_subscribed_is_among_the_subscribers(self):
        done = python("import forksafe\n"
                      "number = forksafe.subscribe('ApplicationPostFork', print, 'my key', 'detach')\n"
                      "forksafe.subscribe('ApplicationPreFork', print, 'my key', 'detach')\n"
                      "forksafe.subscribe('ApplicationPostFork', None, 'only recorded')\n"
                      "print(forksafe.debug()['subscribers'])\n"
                      "print('my key' in forksafe.report())\n"
                      "forksafe.unsubscribe(number)\n"
                      "print([row['events'] for row in forksafe.debug()['subscribers']])")
        self.assertEqual(done.stdout, "[{'name': 'my key', 'phase': 'detach', 'events': ['ApplicationPostFork', "
                         "'ApplicationPreFork'], 'at_run_time': True}]\nTrue\n[['ApplicationPreFork']]\n", done.stderr)

    def test_debug_object_is_ready_for_json(self):
        done = python("import json, forksafe\nprint(json.loads(json.dumps(forksafe.debug())) == forksafe.debug())")
        self.assertEqual(done.stdout, "True\n", done.stderr)

    def test_its_beginning_is_there_without_the_rest(self):
        done = python("import forksafe.core as core\n"
                      "core.uwsgi.attempt()\n"
                      "print(core.basics())\n"
                      "print(core.status() == core.debug()['status'], core.basics() is core.basics())\n"
                      "core.basics()['autoconfigure.log'].append('mine')\n"
                      "print(core.basics()['autoconfigure.log'])")
        self.assertEqual(done.stdout, "{'status': 'attempting auto-configure', 'environment': None, 'autoconfigure.log': "
                         "['uWSGI not available'], 'executed_hooks': set()}\nTrue False\n['uWSGI not available']\n", done.stderr)

    def test_missing_compiler_is_named_with_its_package(self):
        for name in ("CXX", "FORKSAFE_CXX"):
            with tempfile.TemporaryDirectory() as build:
                done = subprocess.run(["cmake", "-G", "Ninja", "-DSKBUILD=2", "-S", SOURCE, "-B", build], capture_output=True,
                                      text=True, check=False, env={**os.environ, name: "clang++-none"})
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("There is no compiler clang++-none", " ".join(done.stderr.split()))
            self.assertIn("apt install clang-19 clang-tools-19", " ".join(done.stderr.split()))

    def test_metadata(self):
        from importlib import metadata
        found = metadata.metadata("forksafe")
        self.assertEqual(found["License-Expression"], "MIT")
        self.assertIn("Framework :: Pyramid", found.get_all("Classifier"))
        self.assertIn("Typing :: Typed", found.get_all("Classifier"))

    def test_names_are_listed(self):
        import forksafe
        self.assertLessEqual({"subscribe", "unsubscribe", "debug", "report", "audit", "on_failure"}, set(dir(forksafe)))

    def test_second_core_is_refused(self):
        done = python("import forksafe; forksafe.debug(); import mixed", PYTHONPATH=os.environ["FORKSAFE_ARTEFACTS"])
        self.assertIn("ImportError: the Python package forksafe has the core forksafe.core already", done.stderr)
        self.assertIn("import mixed before anything of forksafe", done.stderr)


class Alias(unittest.TestCase):
    def test_the_original_s_name_is_ours(self):
        done = python("import pyramid_forksafe.events as one, forksafe.pyramid.events as other\n"
                      "import pyramid_forksafe.interfaces, pyramid_forksafe.containers.uwsgi, pyramid_forksafe.debugtoolbar\n"
                      "from pyramid_forksafe.containers.gunicorn import pre_fork, post_fork, post_worker_init, mark_configured\n"
                      "from pyramid_forksafe import registry_setup, includeme\n"
                      "print(one.ApplicationPostFork is other.ApplicationPostFork)")
        self.assertEqual(done.stdout, "True\n", done.stderr)

    def test_the_original_counts_where_it_is_installed(self):
        done = subprocess.run([sys.executable, "-c", "import pyramid_forksafe; print(pyramid_forksafe.__VERSION__)"],
                              capture_output=True, text=True, check=True, env={
                                  **os.environ, "PYTHONPATH": str(next(pathlib.Path(
                                      os.environ["FORKSAFE_ORIGINAL_VENV"]).glob("lib/python*/site-packages")))})
        self.assertEqual(done.stdout, "0.2.0\n")

    def test_the_name_can_be_given_up(self):
        done = python("import pyramid_forksafe", FORKSAFE_ALIAS="off")
        self.assertIn("ModuleNotFoundError: No module named 'pyramid_forksafe': FORKSAFE_ALIAS=off is set", done.stderr)


class Names(unittest.TestCase):
    """Events and interfaces, which are made at their first use."""

    def test_core_and_package_name_the_same(self):
        import forksafe
        from forksafe.pyramid import interfaces
        self.assertEqual(tuple(interfaces.MEANINGS), forksafe.EVENTS)

    def test_stubs_name_what_there_is(self):
        for name in ("events", "interfaces"):
            module = importlib.import_module("forksafe.pyramid." + name)
            stub = ast.parse((SITE / "pyramid" / (name + ".pyi")).read_text())
            classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
            self.assertEqual(sorted(classes), sorted(module.__all__))
            for one, node in classes.items():
                own = {line.target.id for line in node.body if isinstance(line, ast.AnnAssign)}
                made = getattr(module, one)
                self.assertLessEqual(own, {*dir(made), "registry"})
                self.assertTrue(made.__doc__)

    def test_each_is_made_once_and_implements_its_interface(self):
        from forksafe.pyramid import events, interfaces
        for name in events.__all__:
            kind = getattr(events, name)
            self.assertIs(getattr(events, name), kind)
            self.assertIs(pickle.loads(pickle.dumps(kind)), kind)
            self.assertTrue(getattr(interfaces, "I" + name).implementedBy(kind))
            self.assertLessEqual(set(events.__all__), set(dir(events)))

    def test_only_what_was_asked_for_is_made(self):
        done = python("from forksafe.pyramid.events import ApplicationPostFork\n"
                      "from forksafe.pyramid import events, interfaces\n"
                      "print([name for module in (events, interfaces) for name in module.__all__ if name in vars(module)])")
        self.assertEqual(done.stdout, "['ApplicationEvent', 'ApplicationPostFork', 'IApplicationEvent', "
                         "'IApplicationPostFork']\n", done.stderr)

    def test_mistakes_name_the_module(self):
        for module in ("events", "interfaces"):
            done = python("from forksafe.pyramid import %s\n%s.ApplicationFork" % (module, module))
            self.assertIn("module 'forksafe.pyramid.%s' has no attribute 'ApplicationFork'" % module, done.stderr)


class Types(unittest.TestCase):
    def test_mypy_is_content(self):
        self.assertTrue((SITE / "py.typed").exists())
        done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports",
                               "--disable-error-code", "misc", "--cache-dir", os.devnull, "-p", "forksafe"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_users_are_checked(self):
        code = "import forksafe\nforksafe.subscribe('ApplicationPostFork', print, 'key', 'frist')\n"
        done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "-c", code], capture_output=True,
                              text=True, check=False)
        self.assertIn('Argument 4 to "subscribe" has incompatible type', done.stdout)

    def test_names_of_events_are_checked(self):
        code = "import forksafe\nforksafe.subscribe('ApplicationPostForkk', print, 'key')\n"
        done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "-c", code], capture_output=True,
                              text=True, check=False)
        self.assertIn('Argument 1 to "subscribe" has incompatible type', done.stdout)


if __name__ == "__main__":
    unittest.main()
