# SPDX-License-Identifier: MIT
"""The page in a real browser, on a real server."""

import os
import signal
import unittest

import browser
import scenarios

PAGE = "/forksafe"


@unittest.skipIf(browser.program() is None, "there is no chromium: install it, or set FORKSAFE_CHROMIUM")
class Page(scenarios.Scenario):
    def setUp(self):
        super().setUp()
        self.running = self.serve(settings={"page.path": PAGE, "motto": "<img src=x onerror=alert(1)><script>alert(1)</script>"})
        self.running.wait_for(lambda: len(self.trace("WorkerReady")) == 2, "two workers")
        self.chromium = self.enterContext(browser.chromium())
        self.requests, self.complaints = [], []

    def enterContext(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def open(self, query="", **context):
        page = self.chromium.new_context(**{"viewport": {"width": 1100, "height": 900}, **context}).new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.add_init_script("window.violations = [];"
                             "addEventListener('securitypolicyviolation', (one) => violations.push(one.blockedURI));")
        page.goto("http://%s%s%s" % (self.running.address, PAGE, query))
        return page

    def polls(self, page, count=2):
        """Waits until the page has asked the server so many times again."""
        for _ in range(count):
            with page.expect_response(lambda response: "format=content" in response.url):
                pass

    def until(self, page, condition):
        """Waits without eval, which Playwright's own function uses in the page, and which the page's policy refuses."""
        for _ in range(200):
            if page.evaluate(condition):
                return
            page.wait_for_timeout(50)
        self.fail("waited 10 s for " + condition)

    def focused(self, page, what="id"):
        return page.evaluate("document.activeElement." + what)

    def test_nothing_is_loaded_from_elsewhere(self):
        page = self.open()
        self.polls(page)
        self.assertEqual([], page.evaluate("violations"))
        self.assertEqual([], self.complaints)
        own = "http://%s%s" % (self.running.address, PAGE)
        self.assertEqual([], [url for url in self.requests if not url.startswith((own, "data:image/svg"))])
        # The policy is in force: a script that it does not allow does not run.
        page.evaluate("document.body.insertAdjacentElement('beforeend', Object.assign(document.createElement('img'), {src: '/x.png'}))")
        self.until(page, "violations.length == 1")
        with self.assertRaisesRegex(Exception, "TrustedHTML"):
            page.evaluate("document.body.innerHTML = '<b>'")

    def test_it_follows_the_journal(self):
        page = self.open()
        marks = page.locator(".track a").count()
        page.evaluate("window.same = true")
        victim = self.trace("WorkerReady")[0]
        os.kill(victim.pid, signal.SIGKILL)
        self.until(page, "document.querySelectorAll('.track a').length > %d" % marks)
        page.wait_for_selector(".lane.died[id^='p%d-']" % victim.pid)
        page.wait_for_selector(".tile.ready:has-text('worker %d #2')" % victim.slot)
        self.assertTrue(page.evaluate("window.same"), "the page was loaded again")
        self.assertEqual("probe: All 2 workers are ready", page.title())
        self.assertEqual([], self.complaints)

    def test_it_needs_no_script(self):
        page = self.open(java_script_enabled=False)
        self.assertEqual("All 2 workers are ready", page.locator("h1").inner_text())
        self.assertEqual(3, page.locator(".lane[tabindex]").count())
        self.assertGreater(page.locator(".track a").count(), 2)
        self.assertFalse(page.locator("#pause").is_visible())
        page.locator("nav.spans a", has_text="1 h").click()
        self.assertEqual("1 h", page.locator("[aria-current]").inner_text())
        page.locator(".track a").first.click()
        self.assertRegex(page.url, r"#r\d+$")
        self.assertTrue(page.locator("tr:target").is_visible())

    def test_keyboard_reaches_every_lane_and_mark(self):
        page = self.open()
        lanes = [lane.get_attribute("id") for lane in page.locator(".lane[tabindex]").all()]
        reached = []
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.append(self.focused(page))
        self.assertEqual(lanes, [one for one in reached if one in lanes][:len(lanes)])
        page.locator("#" + lanes[0]).focus()
        for lane in lanes[1:]:
            page.keyboard.press("ArrowDown")
            self.assertEqual(lane, self.focused(page))
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
        mark = self.focused(page)
        self.assertRegex(mark, r"^m\d+$")
        self.assertIn("PostFork", page.locator(".readout").inner_text())
        # An update of the page does not end the look at a mark.
        os.kill(self.trace("WorkerReady")[0].pid, signal.SIGKILL)
        page.wait_for_selector(".lane.died")
        self.assertEqual(mark, self.focused(page))
        page.keyboard.press("Escape")
        self.assertIn(self.focused(page), lanes)
        names = page.evaluate("[...document.querySelectorAll('.lane[tabindex]')].map((lane) => lane.getAttribute('aria-label'))")
        self.assertTrue(all("pid" in name and "calls" in name for name in names), names)

    def test_it_pauses_and_says_when_nobody_answers(self):
        page = self.open()
        self.polls(page, 1)
        page.locator("#pause").click()
        self.assertEqual("paused", page.locator("#life").inner_text())
        page.wait_for_timeout(300)
        before = len(self.requests)
        page.wait_for_timeout(2500)
        self.assertEqual(before, len(self.requests))
        page.locator("#pause").click()
        self.polls(page, 1)
        self.running.stop()
        self.until(page, "document.getElementById('life').textContent == 'no answer'")

    def test_phone(self):
        page = self.open(viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True)
        for details in page.locator("details summary").all():
            details.click()
        self.polls(page)
        self.assertEqual(320, page.evaluate("document.documentElement.scrollWidth"))
        wide = "[...document.querySelectorAll('.forksafe *')].filter((one) => one.getBoundingClientRect().right > 321)"
        self.assertEqual([], page.evaluate(wide + ".map((one) => one.outerHTML.slice(0, 80))"))
        self.assertTrue(page.evaluate("[...document.querySelectorAll('details')].every((one) => one.open)"))
        heights = page.evaluate("[...document.querySelectorAll('.lane[tabindex], #pause')].map((one) => one.getBoundingClientRect().height)")
        self.assertGreaterEqual(min(heights), 24)

    def test_no_width_needs_horizontal_scrolling(self):
        page = self.open()
        for details in page.locator("details summary").all():
            details.click()
        for width in (320, 500, 720, 800, 1000, 1100, 1600):
            page.set_viewport_size({"width": width, "height": 700})
            self.assertEqual(width, page.evaluate("document.documentElement.scrollWidth"))

    def test_dark_and_light(self):
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        light = self.open(color_scheme="light").evaluate(ground)
        dark = self.open(color_scheme="dark").evaluate(ground)
        self.assertGreater(sum(map(int, light[4:-1].split(","))), 3 * 200)
        self.assertLess(sum(map(int, dark[4:-1].split(","))), 3 * 60)

    def test_reduced_motion(self):
        moving = "[...document.querySelectorAll('.forksafe *')].some((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0)"
        self.assertTrue(self.open(reduced_motion="no-preference").evaluate(moving))
        self.assertFalse(self.open(reduced_motion="reduce").evaluate(moving))

    def test_hostile_names_stay_text(self):
        page = self.open()
        self.polls(page)
        page.locator("summary", has_text="Settings").click()
        self.assertTrue(page.locator("td", has_text="<img src=x onerror=alert(1)>").is_visible())
        self.assertEqual(0, page.locator("img").count())
        self.assertEqual([], self.complaints)
