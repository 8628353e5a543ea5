"""The interface's pictures in assets/screenshots, taken of a server with the sample documents: `make run`, then

python scripts/take_screenshots.py
"""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "screenshots"
QUESTION = "chart of passengers by route"
#: name, width and height in pixels, and whether fingers are used
SCREENS = (("search", 1440, 900, False), ("phone", 390, 844, True))
#: of a picture's palette, which makes its file a quarter as large
COLOURS = 256
#: milliseconds for the light of all cards
LIT_AFTER = 3000


def take(address: str) -> None:
    """Take each picture of the same question."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, width, height, is_touched in SCREENS:
            page = browser.new_page(
                viewport={"width": width, "height": height}, has_touch=is_touched, is_mobile=is_touched
            )
            page.goto(f"{address}/?q={quote(QUESTION)}")
            page.locator(".pl-current .pl-page-full.pl-loaded").wait_for()
            page.wait_for_timeout(LIT_AFTER)
            with Image.open(io.BytesIO(page.screenshot())) as picture:
                picture.convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:7860")
    take(parser.parse_args().address)
