# SPDX-License-Identifier: MIT
"""The panel of a real pyramid_debugtoolbar, as a person sees it: in Chromium, under real servers."""

import os
import re
import unittest

import hosts
from hosts import PROLOGUE
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]

APPLICATION = PROLOGUE + """
import forksafe
forksafe.subscribe("ApplicationPostFork", lambda facts: None, "<script>document.title = 'broken into'</script>")

def page(request):
    return Response("<html><head></head><body>a page</body></html>", content_type="text/html")
debug = page

def broken(event):
    raise ValueError("<b>bold</b> on purpose")

config = Configurator(settings={"forksafe.on_failure": "open", "debugtoolbar.includes": "forksafe.pyramid.debugtoolbar"})
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

    def open_panel(self, host):
        """The panel, reached by a click on the toolbar of a page; no script of it may fail."""
        page = self.browser.new_page(viewport={"width": 1280, "height": 900})
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("http://%s/" % host.address)
        link = page.locator("a[href*='_debug_toolbar']").first.get_attribute("href")
        page.goto(link)
        page.locator("#pDebugPanel-Forksafe a").first.click()
        panel = page.locator("#pDebugPanel-Forksafe-content")
        panel.wait_for(state="visible")
        self.assertEqual(errors, [])
        return page, panel

    def test_under_gunicorn(self):
        host = self.serve("gunicorn", "--preload", workers=1, application=APPLICATION, environment={"FORKSAFE_AUDIT": "1"})
        page, panel = self.open_panel(host)
        if "FORKSAFE_SCREENSHOT" in os.environ:
            page.screenshot(path=os.environ["FORKSAFE_SCREENSHOT"], full_page=True,
                            clip={"x": 0, "y": 0, "width": 1280, "height": 1060})
        self.assertIn("gunicorn mark_configured", panel.locator("#forksafe-status").inner_text())
        heads = panel.locator("#forksafe-processes th").all_inner_texts()
        self.assertRegex(" ".join(heads), r"master\s+%d .*worker 1\s+\d+" % host.pid)
        rows = [re.split(r"\s+", text.strip()) for text in panel.locator("#forksafe-processes tbody tr").all_inner_texts()]
        self.assertIn(["PreFork", "pre_fork", "native", "1", "·"], rows)
        self.assertIn(["PostFork", "post_fork", "native", "·", "1"], rows)
        self.assertIn("containers.gunicorn.pre_fork", panel.locator("#forksafe-hooks").inner_text())
        self.assertIn("<b>bold</b> on purpose", panel.locator("#forksafe-failures").inner_text())
        self.assertIn("<script>document.title", panel.locator("#forksafe-journal").inner_text())
        self.assertNotEqual(page.title(), "broken into")
        self.assertEqual(page.locator("#pDebugPanel-Forksafe .badge").inner_text(), "1")

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
