# SPDX-License-Identifier: MIT
"""The system's Chromium, without a window."""

import contextlib
import os
import shutil

from playwright.sync_api import sync_playwright

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def program():
    named = os.environ.get("FORKSAFE_CHROMIUM", "chromium")
    return shutil.which(named)


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
