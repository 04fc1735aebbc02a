# SPDX-License-Identifier: MIT
"""The panel of a real pyramid_debugtoolbar, as a person sees it: in Chromium, under real servers."""

import os
import re
import signal
import unittest

import hosts
from hosts import PROLOGUE
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]

APPLICATION = PROLOGUE + """
import socket
import forksafe
from forksafe.pyramid.debugtoolbar.panels.forksafe import PyramidForksafeDebugPanel

forksafe.subscribe("ApplicationPostFork", lambda facts: None, "<script>document.title = 'broken into'</script>")
# What a worker must not use: both ends of a connection that was made before the fork.
listening = socket.create_server(("127.0.0.1", 0))
kept = socket.create_connection(listening.getsockname())

def page(request):
    own = getattr(request.registry, "pyramid_forksafe", {})
    own.setdefault("_pages", []).append(len(own["_pages"]) + 1)
    return Response("<html><head></head><body>a page</body></html>", content_type="text/html")
debug = page

HOSTILE = "<hostile-markup>"

def hostile(value):
    if isinstance(value, str):
        return value + HOSTILE
    if isinstance(value, dict):
        return {key: hostile(inner) for key, inner in value.items()}
    return type(value)(map(hostile, value)) if isinstance(value, (list, tuple)) else value

class HostilePanel(PyramidForksafeDebugPanel):
    "Every text that the panel keeps ends with markup, and no table is empty."
    def process_response(self, response):
        super().process_response(response)
        debug = self.data["debug"]
        heard = [{"event": "event", "hook": "hook", "count": 1, "failed": 1}]
        debug["settings"].append({"key": "key", "value": "value", "source": "source"})
        debug["requirements"].append("--master")
        debug["departed"].append({"role": "worker", "processes": 3, "events": heard})
        debug["subscribers"].append({"name": "name", "phase": "phase", "events": ["event"]})
        debug["incidents"].append({
            "time": "time", "what": "what", "role": "role", "slot": 1, "pid": 1, "event": "event", "hook": "hook",
            "subscriber": "subscriber", "times": 1})
        self.data = hostile(self.data)

def includeme(config):
    config.add_debugtoolbar_panel(HostilePanel)

def broken(event):
    raise ValueError("<b>bold</b> on purpose: redis://shop:hunter2@store/")

config = Configurator(settings={"forksafe.on_failure": "open",
                              "debugtoolbar.includes": os.environ.get("PANEL", "forksafe.pyramid.debugtoolbar")})
config.include("pyramid_debugtoolbar")
if os.environ.get("INCLUDED", "yes") == "yes":
    config.include("forksafe.pyramid")
    config.add_subscriber(broken, events.ApplicationPostWorkerInit)
config.add_route("debug", "/")
config.add_view(debug, route_name="debug")
application = config.make_wsgi_app()
"""


class Toolbar(hosts.Case):
    def setUp(self):
        super().setUp()
        self.playwright = sync_playwright().start()
        self.addCleanup(self.playwright.stop)
        self.browser = self.playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self.addCleanup(self.browser.close)

    def open_panel(self, host, link=None):
        """Opens the panel by a click on the toolbar of a page. No script of it may fail."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        self.addCleanup(context.close)
        errors = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        # The browser also asks for an icon, which the application does not have.
        context.on("console", lambda message: message.type != "error"
                   or message.location["url"].endswith("/favicon.ico")
                   or errors.append("%s %s" % (message.text, message.location)))
        page = context.new_page()
        page.goto(link or "http://%s/" % host.address)
        if link is None:
            with context.expect_page() as opened:
                page.locator("#pDebug a").click()
            page = opened.value
            page.wait_for_load_state("load")
        page.locator("#pDebugPanel-Forksafe a").first.click()
        panel = page.locator("#pDebugPanel-Forksafe-content")
        panel.wait_for(state="visible")
        self.assertEqual(errors, [])
        return page, panel

    def rows(self, panel, table):
        return [re.split(r"\s+", text.strip()) for text in panel.locator(table + " tbody tr").all_inner_texts()]

    def test_under_gunicorn(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=APPLICATION, wait=False,
                          environment={"FORKSAFE_AUDIT": "1"})
        host.wait_for(lambda: "Booting worker" in host.log_text(), "a worker")
        # The worker audits itself at its first request.
        page, panel = self.open_panel(host)
        if "FORKSAFE_SCREENSHOT" in os.environ:
            page.screenshot(path=os.environ["FORKSAFE_SCREENSHOT"], full_page=True,
                            clip={"x": 0, "y": 0, "width": 1280, "height": 1265})
        self.assertIn("gunicorn mark_configured", panel.locator("#forksafe-status").inner_text())
        heads = panel.locator("#forksafe-processes th").all_inner_texts()
        self.assertRegex(" ".join(heads), r"master\s+%d .*worker 1\s+\d+" % host.pid)
        rows = self.rows(panel, "#forksafe-processes")
        self.assertIn(["PreFork", "pre_fork", "native", "master", "1", "·"], rows)
        self.assertIn(["PostFork", "post_fork", "native", "worker", "·", "1"], rows)
        self.assertIn(["PostWorkerInit", "post_worker_init", "native", "worker", "·", "1", "1", "failed"], rows)
        self.assertIn("containers.gunicorn.pre_fork", panel.locator("#forksafe-hooks").inner_text())
        self.assertIn("<b>bold</b> on purpose", panel.locator("#forksafe-failures").inner_text())
        self.assertNotIn("hunter2", panel.inner_text())
        self.assertIn("<script>document.title", panel.locator("#forksafe-journal").inner_text())
        self.assertNotEqual(page.title(), "broken into")
        findings = panel.locator("#forksafe-findings tbody tr").all_inner_texts()
        shared = [row for row in findings if "127.0.0.1" in row]
        self.assertTrue(shared, findings)
        # The failure, and each finding above the severity info.
        self.assertEqual(page.locator("#pDebugPanel-Forksafe .badge").inner_text(),
                         str(1 + sum(not row.startswith("info") for row in findings)))

    def test_a_dead_worker_is_marked(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=APPLICATION)
        _, panel = self.open_panel(host)
        worker = int(re.search(r"worker 1\s+(\d+)", panel.locator("#forksafe-processes thead").inner_text()).group(1))
        os.kill(worker, signal.SIGKILL)
        host.wait_for(lambda: host.log_text().count("Booting worker") == 2 and host.get("/"), "the replacement")
        _, panel = self.open_panel(host)
        self.assertRegex(panel.locator("#forksafe-processes thead").inner_text(), r"worker 1\s+%d †" % worker)
        self.assertRegex(panel.locator("#forksafe-processes thead").inner_text(), r"worker 1 #2\s+\d+\s+answered")
        self.assertIn("not been audited", panel.locator("#forksafe-findings").inner_text())

    def test_under_uwsgi(self):
        host = self.serve("uwsgi", workers=1, application=APPLICATION, environment={"FORKSAFE_AUDIT": "1"})
        _, panel = self.open_panel(host)
        self.assertIn("uWSGI hook configured", panel.locator("#forksafe-status").inner_text())
        rows = self.rows(panel, "#forksafe-processes")
        self.assertTrue([row for row in rows if row[0] == "PostFork" and row[-2:] == ["·", "1"]], rows)
        self.assertIn("ApplicationPostFork", panel.locator("#forksafe-hooks").inner_text())
        self.assertIn("127.0.0.1", panel.locator("#forksafe-findings").inner_text())

    def test_the_history_keeps_what_was(self):
        host = self.serve("waitress", application=APPLICATION)
        _, body = host.get("/")
        host.get("/")
        link = re.search(r'href="(http://[^"]*/_debug_toolbar/[0-9a-f]+)"', body).group(1)
        _, panel = self.open_panel(host, link)
        # The server's start has asked for a page, too.
        self.assertEqual(self.rows(panel, "#forksafe-own"), [["_pages", "[1,", "2]"]])

    def test_an_application_may_use_any_key(self):
        mine = "config.registry.pyramid_forksafe.update(processes=None, status='<b>mine</b>')\n"
        host = self.serve("waitress", application=APPLICATION.replace("application = ", mine + "application = "))
        _, panel = self.open_panel(host)
        self.assertIn("attempting auto-configure", panel.locator("#forksafe-status").inner_text())
        self.assertIn(["status", "'<b>mine</b>'"], self.rows(panel, "#forksafe-own"))

    def test_every_value_is_escaped(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=APPLICATION,
                          environment={"FORKSAFE_AUDIT": "1", "PANEL": "app"})
        _, panel = self.open_panel(host)
        self.assertEqual(panel.locator("hostile-markup").count(), 0)
        for section in ("status", "processes", "hooks", "failures", "findings", "subscribers", "own", "journal",
                        "settings"):
            self.assertIn("<hostile-markup>", panel.locator("#forksafe-" + section).inner_text(), section)

    def test_several_workers(self):
        """If the server reports several workers, the toolbar switches itself off."""
        host = self.serve("gunicorn", "--preload", workers=2, application=APPLICATION)
        self.assertNotIn("_debug_toolbar", host.get("/")[1])
        self.assertIn("The toolbar will be disabled", host.log_text())

    def test_under_waitress(self):
        host = self.serve("waitress", application=APPLICATION)
        _, panel = self.open_panel(host)
        self.assertIn("attempting auto-configure", panel.locator("#forksafe-status").inner_text())
        self.assertIn("uWSGI not available", panel.locator("#forksafe-status").inner_text())
        self.assertIn("nothing has forked", panel.locator("#forksafe-processes").inner_text())
        self.assertIn("ApplicationPostFork", panel.locator("#forksafe-wiring").inner_text())

    def test_library_not_included(self):
        host = self.serve("waitress", application=APPLICATION, environment={"INCLUDED": "no"})
        _, panel = self.open_panel(host)
        self.assertIn('add config.include("forksafe.pyramid")', panel.inner_text())


if __name__ == "__main__":
    unittest.main()
