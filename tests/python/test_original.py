# SPDX-License-Identifier: MIT
"""The other things that applications of the original do: each works as before, in the containers and without."""

import importlib.util
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import unittest

import hosts

SITE = pathlib.Path(importlib.util.find_spec("forksafe").origin).parents[1]

AS_A_DICT = """
from pyramid.config import Configurator
config = Configurator()
config.include("pyramid_forksafe")
debug = config.registry.pyramid_forksafe
KEYS = ["status", "environment", "autoconfigure.log", "executed_hooks"]
assert isinstance(debug, dict) and list(debug) == list(debug.keys()) == KEYS and len(debug) == 4
assert dict(debug) == {**debug} == debug.copy() == debug == dict(debug.items()), debug
assert type(debug.copy()) is dict and repr(debug) == repr(debug.copy())
assert debug.get("status") == "attempting auto-configure" and debug.get("nothing", 1) == 1 and "status" in debug
assert (debug | {"more": 1})["more"] == 1 and list({"more": 1} | debug) == ["more", *KEYS]
debug["autoconfigure.log"].append("mine")
debug["executed_hooks"].add(("containers.mine.hook", "ApplicationPostFork"))
debug["celery"] = {"tasks": 1}
debug["celery"]["tasks"] += 1
import forksafe.core as core
core.gunicorn.mark_configured()
assert debug["status"] == "gunicorn mark_configured" and debug["environment"] == "gunicorn"
assert debug["autoconfigure.log"] == ["uWSGI not available", "mine", "gunicorn mark_configured"], debug
assert debug["executed_hooks"] == {("containers.mine.hook", "ApplicationPostFork")}
assert debug["celery"] == {"tasks": 2} and debug.own.keys() == {"autoconfigure.log", "executed_hooks", "celery"}
assert debug.full()["celery"] == {"tasks": 2} and debug.full()["subscribers"] == []
assert debug.pop("status") == "gunicorn mark_configured" and "status" not in debug
import copy, pickle
assert pickle.loads(pickle.dumps(debug)) == copy.deepcopy(debug) == debug
debug["status"] = "mine"
assert debug.setdefault("status", 1) == "mine" and debug["status"] == "mine"
print("done")
"""

MARKED = hosts.PROLOGUE + """
from pyramid_forksafe.containers.gunicorn import mark_configured
application = make(events.ApplicationPostFork)
mark_configured(application.registry)
"""

CONFIGURED = hosts.PROLOGUE + """
from pyramid_forksafe import registry_setup
from pyramid_forksafe.containers.uwsgi import configure

def include(config):
    registry_setup(config)
    configure(config)

application = make(events.ApplicationPostFork, include=include)
"""


def python(*arguments, **environment):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


class Original(hosts.Case):
    def test_debug_object_is_a_dict(self):
        done = python("-c", AS_A_DICT)
        self.assertEqual(done.stdout, "done\n", done.stderr)

    def test_mark_configured_in_uwsgi(self):
        host = self.serve("uwsgi", "--need-app", application=MARKED)
        self.wait_for(host, 2, "ApplicationPostFork")
        debug = self.debug(host)
        self.assertEqual((debug["status"], debug["environment"]), ("uWSGI hook configured", "uWSGI"))
        self.assertIn("gunicorn mark_configured, but this process does not run in gunicorn", debug["autoconfigure.log"])

    def test_mark_configured_before_the_include_in_uwsgi(self):
        host = self.serve("uwsgi", "--need-app", application=MARKED.replace(
            "application = ", "mark = Configurator()\nmark.include('pyramid_forksafe')\nmark_configured(mark.registry)\n"
            "application = "))
        self.wait_for(host, 2, "ApplicationPostFork")
        self.assertEqual(self.debug(host)["status"], "uWSGI hook configured")

    def test_mark_configured_in_gunicorn_and_waitress(self):
        for kind, options in (("gunicorn", ["--preload"]), ("gunicorn", []), ("waitress", [])):
            with self.subTest(kind, options=options):
                host = self.serve(kind, *options, application=MARKED)
                debug = self.debug(host)
                self.assertEqual((debug["status"], debug["environment"], debug["autoconfigure.log"]),
                                 ("gunicorn mark_configured", "gunicorn", ["uWSGI not available", "gunicorn mark_configured"]))
                host.stop()

    def test_configure_of_uwsgi(self):
        host = self.serve("uwsgi", application=CONFIGURED)
        self.wait_for(host, 2, "ApplicationPostFork")
        self.assertEqual(self.debug(host)["autoconfigure.log"], ["uWSGI available", "uWSGI hook configured"])

    def test_uwsgi_without_master(self):
        host = self.serve("uwsgi", master=False)
        self.assertEqual(list(self.debug(host).items()), [
            ("status", "uWSGI error"), ("environment", None),
            ("autoconfigure.log", ["uWSGI error: you have to enable the uWSGI master process to use this module"]),
            ("executed_hooks", [])])

    def test_order_of_the_log_without_preload(self):
        host = self.serve("gunicorn")
        self.assertEqual(self.debug(host)["autoconfigure.log"], ["uWSGI not available", "gunicorn mark_configured"])

    def test_both_are_included(self):
        """A dependency includes the original, in either order."""
        original = str(next(hosts.ORIGINAL.glob("lib/python*/site-packages/pyramid_forksafe")).parent)
        for first, second in (("pyramid_forksafe", "forksafe.pyramid"), ("forksafe.pyramid", "pyramid_forksafe")):
            done = python("-c", """
import sys
sys.path.insert(0, %r)
import pyramid_forksafe
sys.path.pop(0)
assert pyramid_forksafe.__VERSION__ == "0.2.0", pyramid_forksafe
from forksafe.pyramid.events import ApplicationServerStarting
from pyramid.config import Configurator
config = Configurator()
config.include(%r)
config.include(%r)
config.add_subscriber(lambda event: print("heard", event.registry is config.registry), ApplicationServerStarting)
config.make_wsgi_app()
import forksafe.core as core
class Arbiter:
    pass
core.gunicorn.on_starting(Arbiter())
print(sorted(config.registry.pyramid_forksafe))
""" % (original, first, second))
            self.assertEqual(done.stdout, "heard True\n['autoconfigure.log', 'environment', 'executed_hooks', 'status']\n",
                             done.stderr)

    def test_subscriptions_of_a_registry_go_with_it(self):
        done = python("-c", """
import gc
from pyramid.config import Configurator
from forksafe.pyramid.events import ApplicationPostFork
import forksafe.core as core
def make():
    config = Configurator()
    config.include("forksafe.pyramid")
    config.add_subscriber(print, ApplicationPostFork)
    return config.make_wsgi_app()
made, gone = [], []
core.subscribe, add = (lambda *words: made.append(add(*words)) or made[-1]), core.subscribe
core.unsubscribe, remove = (lambda number: gone.append(number) or remove(number)), core.unsubscribe
for _ in range(50):
    make()
    gc.collect()
print(len(made) > 49, sorted(made) == sorted(gone))
""")
        self.assertEqual(done.stdout, "True True\n", done.stderr)


class Installed(unittest.TestCase):
    """The alias without a .pth file, and its version."""

    CHECK = ("import importlib.metadata, pyramid_forksafe, pyramid_forksafe.containers.uwsgi\n"
             "from pyramid_forksafe.events import ApplicationPostFork as one\n"
             "from forksafe.pyramid.events import ApplicationPostFork as other\n"
             "print(one is other, importlib.metadata.version('pyramid_forksafe'), pyramid_forksafe.__VERSION__)")

    def target(self):
        directory = tempfile.TemporaryDirectory(prefix="forksafe-")
        self.addCleanup(directory.cleanup)
        for path in SITE.iterdir():
            if path.name.startswith(("forksafe", "pyramid_forksafe")):
                pathlib.Path(directory.name, path.name).symlink_to(path)
        return directory.name

    def test_folder_on_the_path(self):
        others = sysconfig.get_paths()["purelib"]
        done = python("-S", "-c", "import sys; sys.path.append(%r)\n" % others + self.CHECK, PYTHONPATH=self.target())
        self.assertEqual(done.stdout, "True 0.2.0+forksafe 0.2.0+forksafe\n", done.stderr)

    def test_site_packages(self):
        done = python("-c", self.CHECK)
        self.assertEqual(done.stdout, "True 0.2.0+forksafe 0.2.0+forksafe\n", done.stderr)

    def test_the_original_counts_wherever_it_is(self):
        """The original before the alias on the path, after it, or in the same folder."""
        original = next(hosts.ORIGINAL.glob("lib/python*/site-packages/pyramid_forksafe"))
        ours = self.target()
        print_it = "import pyramid_forksafe, pyramid_forksafe.events as e; print(pyramid_forksafe.__VERSION__, e.__file__)"
        expected = "0.2.0 %s\n"
        for path in ([str(original.parent), ours], [ours, str(original.parent)]):
            done = python("-c", print_it, PYTHONPATH=os.pathsep.join(path))
            self.assertEqual(done.stdout, expected % (original / "events.py"), done.stderr)
        pathlib.Path(ours, "pyramid_forksafe").symlink_to(original)
        done = python("-c", print_it, PYTHONPATH=ours)
        self.assertEqual(done.stdout, expected % pathlib.Path(ours, "pyramid_forksafe", "events.py"), done.stderr)

    def test_the_name_can_be_given_up_there_too(self):
        done = python("-c", "import pyramid_forksafe", PYTHONPATH=self.target(), FORKSAFE_ALIAS="off")
        self.assertIn("ModuleNotFoundError: No module named 'pyramid_forksafe': FORKSAFE_ALIAS=off is set", done.stderr)

    def test_types_of_the_old_names(self):
        code = ("from pyramid_forksafe import includeme\n"
                "from pyramid_forksafe.events import ApplicationPostFork\n"
                "from pyramid_forksafe.containers.gunicorn import mark_configured, pre_fork\n"
                "from pyramid_forksafe.containers.uwsgi import configure\n"
                "def hear(event: ApplicationPostFork) -> str:\n"
                "    reveal_type(event.pid)\n"
                "    return event.registry\n")
        done = python("-m", "mypy", "--strict", "--cache-dir", os.devnull, "-c", code)
        self.assertNotIn("pyramid_forksafe\"", done.stdout)
        self.assertNotIn("stubs", "".join(line for line in done.stdout.splitlines() if "pyramid_forksafe" in line))
        self.assertIn("Revealed type is", done.stdout)
        self.assertRegex(done.stdout, "int.*None")


if __name__ == "__main__":
    unittest.main()
