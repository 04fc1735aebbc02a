# SPDX-License-Identifier: MIT
"""Settings from uWSGI's command line, and plugins that uWSGI must refuse."""

import os
import re
import shutil
import signal
import subprocess
import time
import unittest

from uwsgi_scenario import BORN, MODIFIER, NOBODY, PLUGIN, PYTHON_PLUGIN, UwsgiScenario


class Configuration(UwsgiScenario):
    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def setting(self, running, name):
        return running.get("/settings?name=" + name)[1]

    def test_settings_and_where_they_come_from(self):
        path = self.write("shop.ini", "[app:shop]\nflavour = vanilla\ncolour = red\nsize = 1\n")
        running = self.serve("--forksafe-settings", "%s#shop" % path, "--forksafe-set", "size=3",
                             "--forksafe-set", "db.password=hidden", workers=1,
                             settings={"colour": "blue"})
        self.assertEqual(self.setting(running, "flavour"), "vanilla from %s:2" % path)
        self.assertEqual(self.setting(running, "colour"), "blue from environment PROBE_COLOUR")
        self.assertEqual(self.setting(running, "size"), "3 from uWSGI --forksafe-set")
        self.assertEqual(self.setting(running, "uwsgi.processes"), "1 from uWSGI --processes")
        self.assertEqual(self.setting(running, "uwsgi.master"), "true from uWSGI --master")
        shown = {setting["key"]: setting["value"] for setting in running.debug()["settings"]}
        self.assertEqual(shown["db.password"], "***")
        self.assertNotIn("hidden", str(shown))

    def test_options_that_may_hold_secrets_are_not_shown(self):
        ini = self.write("more.ini", "[uwsgi]\nenv = DATABASE_AUTH=admin:ini-hunter\nset-placeholder = vault=ph-hunter\n"
                         "add-header = X-Shared: header-hunter\nhook-asap = print:hook-hunter\n")
        running = self.serve("--env", "STRIPE_SK=env-hunter", "--route", "^/admin basicauth:Realm,admin:route-hunter",
                             "--set-ph", "own=%s" % "set-hunter", "--ini", str(ini), workers=1)
        shown = {setting["key"]: setting["value"] for setting in running.debug()["settings"]}
        self.assertNotIn("hunter", str(shown))
        self.assertEqual(shown["uwsgi.processes"], "1")
        self.assertEqual(shown["uwsgi.ini"], str(ini))
        for name in ("env", "route", "set-ph", "set-placeholder", "add-header", "hook-asap"):
            self.assertNotIn("uwsgi." + name, shown)

    def test_settings_that_cannot_be_read(self):
        self.assertIn("missing.ini: No such file", self.fail_to_start("--forksafe-settings", "/missing.ini"))
        malformed = self.write("malformed.ini", "[app:main]\nno value\n")
        self.assertIn("malformed.ini:2: ", self.fail_to_start("--forksafe-settings", str(malformed)))
        huge = self.write("huge.ini", "[app:main]\n" + "; long\n" * 200_000)
        self.assertIn("is larger than 1 MiB", self.fail_to_start("--forksafe-settings", str(huge)))
        self.assertIn("write it as NAME=VALUE", self.fail_to_start("--forksafe-set", "flavour"))

    @unittest.skipUnless(os.getuid() == 0, "needs root to become another user")
    def test_settings_of_another_user(self):
        secret = self.write("secret.ini", "[app:main]\n")
        secret.chmod(0)
        log = self.fail_to_start("--uid", str(NOBODY), "--gid", str(NOBODY), "--forksafe-settings", str(secret))
        self.assertIn("secret.ini: Permission denied", log)

    def test_modifier_that_another_plugin_has(self):
        python = "%d:%s" % (MODIFIER, PYTHON_PLUGIN)
        complaint = "the plugins probe and python both want modifier %d" % MODIFIER
        self.assertIn(complaint, self.fail_to_start("--need-plugin", python))
        log = self.directory / "first"
        with open(log, "w") as output:
            self.assertEqual(subprocess.call(
                ["uwsgi", "--need-plugin", python, "--need-plugin", str(PLUGIN / "probe_plugin.so"), "--master",
                 "--http-socket", "127.0.0.1:0"], stdout=output, stderr=output, timeout=60), 1)
        self.assertIn(complaint, log.read_text())

    def log_of_start(self, *options):
        """The log of uWSGI until its workers exist. It is killed then, with all its processes."""
        log = self.directory / "start"
        with open(log, "w") as output:
            process = subprocess.Popen(["uwsgi", "--need-plugin", str(PLUGIN / "probe_plugin.so"), "--master", *options],
                                       stdout=output, stderr=output, start_new_session=True)
        try:
            until = time.monotonic() + 30
            while "spawned uWSGI worker 1" not in log.read_text() and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return log.read_text()

    def test_requests_that_nothing_sends_to_the_application(self):
        for socket, modifier in (("http-socket", "http-socket-modifier1"), ("fastcgi-socket", "fastcgi-modifier1"),
                                 ("scgi-socket", "scgi-modifier1")):
            complaint = "probe answers requests, but --%s sends it none: start uWSGI with --%s %d" % (socket, modifier, MODIFIER)
            with self.subTest(socket):
                address = ("--" + socket, "127.0.0.1:0")
                self.assertIn(complaint, self.log_of_start(*address))
                self.assertIn(complaint, self.log_of_start(*address, "--" + modifier, str(MODIFIER + 1)))
                self.assertNotIn("sends it none", self.log_of_start(*address, "--" + modifier, str(MODIFIER)))
        # Over uWSGI's own protocol the web server chooses the modifier.
        self.assertNotIn("sends it none", self.log_of_start("--socket", "127.0.0.1:0"))

    def test_two_applications(self):
        running = self.serve("--need-plugin", "%d:%s" % (MODIFIER + 1, PLUGIN / "listener_plugin.so"), workers=1,
                             environment={"LISTENER_TRACE": str(self.directory / "heard")})
        self.assertEqual(self.names(self.live_workers()[1]), BORN)
        self.assertEqual((self.directory / "heard").read_text(), "PostFork worker\n")
        self.assertEqual(running.debug()["status"], "uWSGI hook configured")

    def patched(self, pattern, replacement):
        """A directory with a plugin that seems to be built against another uWSGI."""
        original = (PLUGIN / "probe_plugin.so").read_bytes()
        changed, count = re.subn(pattern, replacement, original, flags=re.DOTALL)
        self.assertEqual(count, 1)
        target = self.directory / "probe_plugin.so"
        shutil.copy(PLUGIN / "probe_plugin.so", target)
        target.write_bytes(changed)
        return target

    def refused(self, plugin):
        ran = subprocess.run(["uwsgi", "--need-plugin", str(plugin), "--master", "--http-socket", "127.0.0.1:0"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(ran.returncode, 1, ran.stdout)
        self.assertIn("configure with -DFORKSAFE_UWSGI_PROGRAM=<the running one> and build again", ran.stdout)
        return ran.stdout

    def test_plugin_of_another_uwsgi(self):
        version = subprocess.check_output(["uwsgi", "--version"], text=True).strip()
        # The version, its padding to 48 bytes, and the size of uwsgi_server.
        abi = re.escape(version.encode()) + rb"\0{%d}(.{8})" % (48 - len(version))
        other = version[:-1] + "?"
        log = self.refused(self.patched(abi, lambda found: found[0].replace(version.encode(), other.encode())))
        self.assertIn("was built against uWSGI %s (" % other, log)
        self.assertIn("the running one is uWSGI %s (" % version, log)
        log = self.refused(self.patched(abi, lambda found: found[0][:-8] + (4242).to_bytes(8, "little")))
        self.assertIn("(uwsgi_server of 4242 bytes)", log)
