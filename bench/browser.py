"""`python -m bench.browser [LIBRARY] [--searches 10] [--look 1] [--memory]`: times that a person at the browser waits, in Chromium.

LIBRARY is a data folder with an index, of which a copy is served; without one it is the sample documents. Each search begins on a fresh page with warm files.
Prints medians in milliseconds: until the box can be used, from a search to its results, to the first lit page, from a click
on a card, after a look at the first page, to its lit page and to its sharp picture, and what a click on a word's chip takes.
With --memory all searches are asked on one page instead, and the memory of its scripts and nodes is printed, after the first tenth
of them and at the end.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Page, TimeoutError, sync_playwright

from bench.load import serving, wait_until_indexed

#: the bars of each time in milliseconds, on two quiet cores and some 330 pages
BARS = {
    "usable box": 1500,
    "results": 150,
    "first lit page": 300,
    "card to lit page": 120,
    "card to sharp picture": 300,
    "chip": 16,
}
_FLAGS = ["--no-sandbox", "--disable-gpu"]
#: seconds that somebody looks at the first page before going on to another, at the very least
LOOK_SECONDS = 1.0
#: each step's patience: far more than a person's
_PATIENCE_MS = 60_000
#: milliseconds from the moment that something is done until the page shows what is waited for, looked at every frame
_UNTIL = """
([act, test]) => new Promise((found) => {
  const shows = new Function(`return ${test}`);
  const start = performance.now();
  new Function(act)();
  const look = () => (shows() ? found(performance.now() - start) : requestAnimationFrame(look));
  look();
})
"""
_SUBMIT = "document.querySelector('.pl-ask').requestSubmit()"
_RESULTS = "document.querySelector('.pl-search[data-state=results]:not(.pl-busy) .pl-card')"
#: memory of scripts, of the page's nodes and styles, and of arrays
_HEAPS = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
_ANSWERED = "document.querySelector('.pl-search:not(.pl-busy)')"
_LIT = "document.querySelector('.pl-current .pl-heat:not([hidden])')"
_SHARP = "document.querySelector('.pl-current .pl-page-full.pl-loaded')"
_OTHER_CARD = "document.querySelector('.pl-card:not(.pl-active):not([aria-current=true])').click()"
_CHIP = """
() => {
  const chips = [...document.querySelectorAll('.pl-viewer .pl-chip')].slice(1, 2);
  if (!chips.length) return null;
  const start = performance.now();
  chips[0].click();
  return performance.now() - start;
}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.browser", description=__doc__)
    parser.add_argument("library", type=Path, nargs="?")
    parser.add_argument("--searches", type=int, default=10)
    parser.add_argument("--look", type=float, default=LOOK_SECONDS, help="seconds before a card is clicked")
    parser.add_argument("--memory", action="store_true", help="what searches leave behind on one page")
    options = parser.parse_args(arguments)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("there is no Chromium; install it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        if options.library:
            shutil.copytree(options.library, Path(scratch) / "library")
        with serving(Path(scratch)) as (address, _), sync_playwright() as playwright:
            wait_until_indexed(address)
            queries = _queries(address, options.searches)
            browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(_PATIENCE_MS)
            if options.memory:
                before, after = remembered(page, address, queries)
                print(f"{len(queries)} searches: {before:.1f} → {after:.1f} MB, bar 10 MB more")
            else:
                print(table(measured(page, address, queries, options.look)))
            browser.close()
    return 0


def measured(
    page: Page, address: str, queries: Sequence[str], look: float = LOOK_SECONDS
) -> dict[str, list[float]]:
    """Milliseconds of each step, one a search; the first page load fills the browser's cache and does not count.

    look: seconds between the first lit page and the click on another card
    """
    times: dict[str, list[float]] = {name: [] for name in BARS}
    page.goto(address)
    for query in queries:
        page.goto(address)
        box = page.get_by_role("combobox", name="Search the pages")
        box.wait_for()
        times["usable box"].append(page.evaluate("performance.now()"))
        box.fill(query)
        try:
            times["results"].append(page.evaluate(_UNTIL, [_SUBMIT, _RESULTS]))
            lit = page.evaluate(_UNTIL, ["", _LIT])
            times["first lit page"].append(times["results"][-1] + lit)
            if page.locator(".pl-card:visible").count() > 1:
                page.wait_for_timeout(1000 * look)
                times["card to lit page"].append(page.evaluate(_UNTIL, [_OTHER_CARD, _LIT]))
                sharp = page.evaluate(_UNTIL, ["", _SHARP])
                times["card to sharp picture"].append(times["card to lit page"][-1] + sharp)
        except TimeoutError:
            print(f"{query!r}: gave up", file=sys.stderr)
        if (chip := page.evaluate(_CHIP)) is not None:
            times["chip"].append(chip)
    return times


def remembered(page: Page, address: str, queries: Sequence[str]) -> tuple[float, float]:
    """MB of the page's scripts, nodes and arrays after a tenth of the searches and after all of them, rubbish collected."""
    page.goto(address)
    box = page.get_by_role("combobox", name="Search the pages")
    devtools = page.context.new_cdp_session(page)
    used = []
    for number, query in enumerate(queries, start=1):
        box.fill(query)
        page.evaluate(_UNTIL, [_SUBMIT, _ANSWERED])
        if number in (max(len(queries) // 10, 1), len(queries)):
            page.wait_for_timeout(1000 * LOOK_SECONDS)
            devtools.send("HeapProfiler.collectGarbage")
            heaps = devtools.send("Runtime.getHeapUsage")
            used.append(sum(heaps.get(name, 0) for name in _HEAPS) / 1e6)
    return used[0], used[-1]


def table(times: Mapping[str, Sequence[float]]) -> str:
    """
    >>> print(table({"results": [100.0, 210.0, 130.0], "chip": []}))
    | from … to | p50 ms | bar |
    |---|---:|---:|
    | results | 130 | 150 |
    | chip | - | 16 |
    """
    rows = [
        f"| {name} | {f'{median(values):.0f}' if values else '-'} | {BARS[name]} |"
        for name, values in times.items()
    ]
    return "\n".join(["| from … to | p50 ms | bar |", "|---|---:|---:|", *rows])


def _queries(address: str, count: int) -> list[str]:
    """Words of the library's own pages, three in a row: each search finds something, and none was asked before."""
    found = []
    answer = httpx.get(f"{address}/api/v1/documents", timeout=60).raise_for_status().json()
    documents = [document for document in answer if document["pages_indexed"]]
    for number in range(count):
        document = documents[number % len(documents)]
        page = 1 + number // len(documents) % document["pages_indexed"]
        place = f"{address}/api/v1/documents/{document['document_id']}/pages/{page}"
        answer = httpx.get(place, timeout=60)
        words = [word["text"] for word in answer.json().get("words", []) if len(word["text"]) > 4]
        if len(words) > 12:
            found.append(" ".join(words[8:11]))
    return found


if __name__ == "__main__":
    sys.exit(main())
