"""Each example, started by its one command and used in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from tests.copies import copy_library
from tests.e2e.conftest import CHROMIUM, HANDBOOK, PATIENCE, index
from tests.samples import headed_pdf

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

Start = Callable[[str], str]

#: what is started, by its name in `examples/`; and where the one behind a proxy is
EXAMPLES = ("mounted", "iframe", "web_component")
BEHIND_PROXY = "/tools/pagelight"

#: Pagelight behind a proxy that takes the prefix off the path, as nginx's `proxy_pass http://host/;` does
PROXY = """
import os, sys
import uvicorn
from pagelight import Settings, create_app
prefix, port = sys.argv[1], int(os.environ["PORT"])
pagelight = create_app(Settings.from_environment(root_path=prefix, proxies='127.0.0.1'))
async def proxy(scope, receive, send):
    if scope["type"] == "http":
        path = scope["path"]
        headers = [*scope["headers"], (b"x-forwarded-host", f"127.0.0.1:{port}".encode())]
        path = path.removeprefix(prefix) if path.startswith(prefix + "/") else "/not-ours"
        scope = {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
    await pagelight(scope, receive, send)
uvicorn.run(proxy, host="127.0.0.1", port=port)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook, indexed with the built-in encoder."""
    folder = tmp_path_factory.mktemp("embedding")
    service = Service(Settings(data=folder / "library", samples=False))
    index(service, [(headed_pdf(folder / "handbook.pdf", HANDBOOK), "handbook.pdf")])
    service.close()
    return folder / "library"


@pytest.fixture(scope="module")
def start(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """The address of an example, once it answers. All are started together: a start is mostly imports, and so is the next one."""
    folder = tmp_path_factory.mktemp("examples")
    running: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}
    for example in (*EXAMPLES, BEHIND_PROXY):
        port, name = _free_port(), example.replace("/", "-")
        environment = {
            **os.environ,
            "PAGELIGHT_DATA": str(copy_library(library, folder / name)),
            "PAGELIGHT_SAMPLES": "false",
            "PORT": str(port),
        }
        below = BEHIND_PROXY if example == BEHIND_PROXY else ""
        command = [sys.executable, *(["-c", PROXY, below] if below else [f"examples/{example}.py"])]
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        running[example] = (f"http://127.0.0.1:{port}{below}", process)

    def wait_for(example: str) -> str:
        address, process = running[example]
        _wait_for(address, process, folder / f"{example.replace('/', '-')}.log")
        return address

    yield wait_for
    for _, process in running.values():
        process.terminate()
    for _, process in running.values():
        process.wait(30)


def search(place: Page | FrameLocator, query: str = "when is the lantern lit") -> None:
    """Type a question and see the page that answers, with its image."""
    box = place.get_by_role("searchbox", name="Search the pages")
    expect(box).to_be_visible(timeout=PATIENCE)
    box.fill(query)
    box.press("Enter")
    found(place)


def found(place: Page | FrameLocator) -> None:
    """The handbook's second page is found, and its image is shown."""
    card = place.locator(".pl-card").first
    expect(card).to_contain_text("handbook.pdf", timeout=PATIENCE)
    expect(card).to_contain_text("Page 2")
    expect(place.locator(".pl-current .pl-page-full.pl-loaded")).to_be_visible(timeout=PATIENCE)


def test_mounted_below_a_path_for_those_who_are_signed_in(page: Page, start: Start) -> None:
    address = start("mounted")
    stranger = page.request.get(f"{address}/search/")
    assert (stranger.status, stranger.json()["error"]) == (403, "you may not use this library")
    page.goto(address)
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/search/")
    search(page)


def test_in_an_iframe(page: Page, start: Start) -> None:
    page.goto(start("iframe"))
    expect(page.get_by_role("heading", name="Handbook")).to_be_visible()
    search(page.frame_locator("iframe"))


def test_as_an_element_of_the_page(page: Page, start: Start) -> None:
    address = start("web_component")
    page.goto(address)
    search(page)
    expect(page.get_by_text("Written by the people of the handbook")).to_be_visible()
    assert page.url.startswith(f"{address}/")


def test_behind_a_proxy_that_takes_its_prefix_off(page: Page, start: Start) -> None:
    address = start(BEHIND_PROXY)
    page.goto(f"{address}/")
    search(page)
    assert page.url.startswith(f"{address}/?q=when+is+the+lantern+lit")
    page.reload()
    found(page)
    assert page.locator(".pl-current .pl-page-full").get_attribute("src").startswith(f"{address}/pages/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{address}/", timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the example does not answer: {log.read_text()[-2000:]}")
