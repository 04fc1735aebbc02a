# SPDX-License-Identifier: MIT
"""The promises of the original package, word for word, with the same applications and configuration files."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

import hosts

PAIRS = [["containers.gunicorn.post_fork", "ApplicationPostFork"],
         ["containers.gunicorn.post_worker_init", "ApplicationPostWorkerInit"],
         ["containers.gunicorn.pre_fork", "ApplicationPreFork"]]


class Seed(hosts.Case):
    def test_waitress(self):
        host = self.serve("waitress")
        self.assertEqual(list(self.debug(host).items()), [
            ("status", "attempting auto-configure"), ("environment", None),
            ("autoconfigure.log", ["uWSGI not available"]), ("executed_hooks", [])])
        self.assertEqual([words[0] for words in self.trace()], ["load"])

    def test_shell(self):
        """A plain interpreter, as under a test runner, gives the same result as waitress."""
        self.write("app.py", hosts.SEED_APPLICATION)
        done = subprocess.run([sys.executable, "-c", "import app; print(app.application.registry.pyramid_forksafe)"],
                              capture_output=True, text=True, check=True, cwd=self.directory,
                              env={**os.environ, "TRACE": str(self.directory / "trace")})
        self.assertEqual(done.stdout, "{'status': 'attempting auto-configure', 'environment': None, "
                         "'autoconfigure.log': ['uWSGI not available'], 'executed_hooks': set()}\n")

    def test_module_of_the_name_without_the_container(self):
        """A module named uwsgi, or gunicorn imported for another purpose, is not a container: its functions are looked at."""
        self.write("app.py", "import gunicorn.app.base\n" + hosts.SEED_APPLICATION)
        self.write("uwsgi.py", "")
        done = subprocess.run([sys.executable, "-c", "import app; print(app.application.registry.pyramid_forksafe)"],
                              capture_output=True, text=True, check=True, cwd=self.directory,
                              env={**os.environ, "TRACE": str(self.directory / "trace")})
        self.assertEqual(done.stdout, "{'status': 'attempting auto-configure', 'environment': None, 'autoconfigure.log': "
                         "['uWSGI not available: the module uwsgi has no masterpid()'], 'executed_hooks': set()}\n")

    def test_uwsgi(self):
        only_post_fork = hosts.PROLOGUE + "application = make(events.ApplicationPostFork)\n"
        host = self.serve("uwsgi", application=only_post_fork)
        self.wait_for(host, 2, "ApplicationPostFork")
        self.assertEqual(list(self.debug(host).items()), [
            ("status", "uWSGI hook configured"), ("environment", "uWSGI"),
            ("autoconfigure.log", ["uWSGI available", "uWSGI hook configured"]),
            ("executed_hooks", [["containers.uwsgi.post_fork_hook", "ApplicationPostFork"]])])
        killed = self.trace("ApplicationPostFork")[0][1]
        os.kill(killed, signal.SIGKILL)
        heard = [words[1] for words in self.wait_for(host, 3, "ApplicationPostFork")]
        self.assertEqual(len(set(heard)), 3, "each process once")

    def test_uwsgi_without_master(self):
        host = self.serve("uwsgi", master=False)
        debug = self.debug(host)
        self.assertEqual((debug["status"], debug["environment"]), ("uWSGI error", None))
        self.assertEqual(debug["autoconfigure.log"],
                         ["uWSGI error: you have to enable the uWSGI master process to use this module"])

    def test_gunicorn(self):
        host = self.serve("gunicorn", "--preload")
        debug = self.debug(host)
        self.assertEqual(debug["executed_hooks"], PAIRS)
        self.assertEqual(debug["status"], "gunicorn mark_configured")
        self.assertEqual(debug["environment"], "gunicorn")
        self.assertEqual(debug["autoconfigure.log"], ["uWSGI not available", "gunicorn mark_configured"])
        workers = {words[1] for words in self.wait_for(host, 2, "ApplicationPostWorkerInit")}
        self.assertEqual([words[1] for words in self.trace("ApplicationPreFork")], [host.pid] * 2)
        self.assertEqual({words[1] for words in self.trace("ApplicationPostFork")}, workers)

    def test_own_suite(self):
        """The tests of the original, from its source package, run with the alias."""
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary",
                            "pyramid_forksafe", "--dest", directory, "pyramid_forksafe==0.2.0"], check=True)
            archive, = pathlib.Path(directory).glob("pyramid_forksafe-*.tar.gz")
            subprocess.run(["tar", "xzf", str(archive), "-C", directory], check=True)
            source = next(pathlib.Path(directory).glob("pyramid_forksafe-*/"))
            done = subprocess.run([sys.executable, "-m", "unittest", "-v", "tests.test_config"], cwd=source,
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"Ran 4 tests")


if __name__ == "__main__":
    unittest.main()
