# SPDX-License-Identifier: MIT
"""pictures.py ARTEFACTS: takes the pictures in modules/page/README.md, from the demo in uWSGI after one worker was killed.

Run it with the interpreter of build/python/browser, into which Pillow must be installed: pip install pillow
"""

import io
import os
import pathlib
import signal
import sys
import tempfile
import time

from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "support"))

import browser  # noqa: E402
from server import Server  # noqa: E402

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
PAGE = "/forksafe"


def take(page, name):
    """Saves a picture with few colours, to keep it small."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(EXAMPLES / name, optimize=True)


def main(artefacts):
    with tempfile.TemporaryDirectory() as directory, browser.chromium() as chromium:
        with Server("uwsgi", artefacts, "demo", pathlib.Path(directory, "log"), 4, environment={"DEMO_PAGE_PATH": PAGE}) as server:
            time.sleep(14)
            workers = [one for one in server.debug()["processes"] if one["role"] == "worker"]
            os.kill(sorted(workers, key=lambda one: one["slot"])[1]["pid"], signal.SIGKILL)
            time.sleep(9)
            for scheme in ("light", "dark"):
                context = chromium.new_context(viewport={"width": 1000, "height": 640}, color_scheme=scheme)
                page = context.new_page()
                page.goto("http://%s%s" % (server.address, PAGE))
                page.wait_for_timeout(1500)
                take(page, "page_%s.png" % scheme)


if __name__ == "__main__":
    main(sys.argv[1])
