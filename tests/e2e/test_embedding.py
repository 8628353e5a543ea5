"""Each example, started by its one command and used in a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright
from reportlab.pdfgen.canvas import Canvas

from app.service import Service
from app.settings import Settings

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Without the background flags Chromium asks its maker's servers at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: milliseconds; the first search loads the model
PATIENCE = 60_000

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

Start = Callable[..., str]

#: Pagelight behind a proxy that takes the prefix off the path, as nginx's `proxy_pass http://host/;` does
PROXY = """
import os, sys
import uvicorn
from app import Settings, create_app
prefix, port = sys.argv[1], int(os.environ["PORT"])
pagelight = create_app(Settings.from_environment(root_path=prefix))
async def proxy(scope, receive, send):
    if scope["type"] == "http":
        path = scope["path"]
        assert path.startswith(prefix + "/"), path
        headers = [*scope["headers"], (b"x-forwarded-host", f"127.0.0.1:{port}".encode())]
        path = path.removeprefix(prefix)
        scope = {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
    await pagelight(scope, receive, send)
uvicorn.run(proxy, host="127.0.0.1", port=port)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that has complained of nothing, and asked nobody but 127.0.0.1, by the end of the test."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith("http")
            and not request.url.startswith("http://127.0.0.1:")
            and complaints.append(request.url)
        ),
    )
    yield page
    page.close()
    assert complaints == []


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page about a lighthouse, indexed with the built-in encoder."""
    folder = tmp_path_factory.mktemp("embedding")
    canvas = Canvas(str(folder / "handbook.pdf"), pagesize=(595, 842))
    canvas.setFont("Helvetica-Bold", 28)
    canvas.drawString(60, 740, "Lighthouse handbook")
    canvas.setFont("Helvetica", 16)
    canvas.drawString(60, 600, "The lantern is lit at dusk by the keeper")
    canvas.save()
    service = Service(Settings(data=folder / "library", samples=False))
    job_id = service.ingest([(folder / "handbook.pdf", "handbook.pdf")])
    for _ in range(600):
        if service.job_status(job_id)["state"] != "running":
            break
        time.sleep(0.1)
    assert service.job_status(job_id)["state"] == "done"
    service.close()
    return folder / "library"


@pytest.fixture
def start(library: Path, tmp_path: Path) -> Iterator[Start]:
    """Runs an example on a free port; returns its address."""
    processes: list[subprocess.Popen[bytes]] = []

    def run(example: str, below: str = "") -> str:
        port = _free_port()
        environment = {
            **os.environ,
            "PAGELIGHT_DATA": str(shutil.copytree(library, tmp_path / "library")),
            "PAGELIGHT_SAMPLES": "false",
            "PORT": str(port),
        }
        log = (tmp_path / "log").open("wb")
        command = (
            [sys.executable, f"examples/{example}.py"] if not below else [sys.executable, "-c", PROXY, below]
        )
        processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        address = f"http://127.0.0.1:{port}{below}"
        _wait_for(address, processes[-1], tmp_path / "log")
        return address

    yield run
    for process in processes:
        process.terminate()
        process.wait(30)


def search(place: Page | FrameLocator, query: str = "when is the lantern lit") -> None:
    """Type a question and see the page that answers, with its image."""
    box = place.get_by_role("searchbox").or_(place.locator("input[type=search]")).first
    expect(box).to_be_visible(timeout=PATIENCE)
    box.fill(query)
    box.press("Enter")
    image = place.locator("img[src*='/pages/']").first
    expect(image).to_be_visible(timeout=PATIENCE)
    expect(place.get_by_text("handbook.pdf").first).to_be_visible()
    loaded = image.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert loaded > 100


def test_mounted_below_a_path_for_those_who_are_signed_in(page: Page, start: Start) -> None:
    address = start("mounted")
    stranger = page.request.get(f"{address}/search/")
    assert (stranger.status, stranger.text()) == (403, "you may not use this library")
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
    address = start("", below="/tools/pagelight")
    page.goto(f"{address}/")
    search(page)
    page.reload()
    expect(page.locator("img[src*='/tools/pagelight/pages/']").first).to_be_visible(timeout=PATIENCE)


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
