"""One real server and one real Chromium for the whole package, with the built-in encoder and a small library.

A page fixture fails its test when the browser reports an error or asks any other host.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.app.web.app import create_app
from tests.e2e.examples import Examples
from tests.samples import headed_pdf
from tests.waiting import until

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
#: milliseconds; two slow cores may be busy with something else
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE / 3)
#: a file name and a query that would run if anything took them for markup or a template
HOSTILE = "${window.__ran=1}{{constructor}}<img src=x onerror=window.__ran=2>"
LIMIT_MB = 3
#: and the page that still runs writes nothing anew
_FORGET = "Storage.prototype.setItem = () => {}; localStorage.clear(); sessionStorage.clear()"

HANDBOOK = (
    ("Lighthouse handbook", "The keeper writes the weather into the log book"),
    ("Lantern", "The lantern is lit at dusk and put out at dawn"),
    ("Emergency", "The emergency telephone hangs beside the door"),
)
LEDGER = (
    ("Ferry ledger", "Tickets sold on the northern route"),
    ("Wages", "Wages of the deck crew in spring"),
)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs, and the service behind it."""

    address: str
    service: Service


def index(service: Service, files: list[tuple[Path, str]]) -> None:
    """Index and wait."""
    paths, names = zip(*files, strict=True)
    assert service.add(paths, names).wait(120).state == "done"


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("e2e")
    # what scans say is the encoder's here, whether or not Tesseract is installed
    settings = Settings(data=folder / "library", samples=False, max_mb=LIMIT_MB, read_scans=False)
    service = Service(settings)
    index(
        service,
        [
            (headed_pdf(folder / "handbook.pdf", HANDBOOK), "handbook.pdf"),
            (headed_pdf(folder / "ledger.pdf", LEDGER), "ledger.pdf"),
        ],
    )
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # as `serve` has it
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(service.settings, service=service), log_level="warning")
        uvicorn_server = uvicorn.Server(config)
        thread = threading.Thread(target=uvicorn_server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: uvicorn_server.started)
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", service)
        uvicorn_server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="package", autouse=True)
def examples(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examples | None]:
    """Those of test_embedding, where it is run: they start while the tests before it are, which wait for the browser."""
    if not any(item.path.name == "test_embedding.py" for item in request.session.items):
        yield None
        return
    folder = tmp_path_factory.mktemp("examples")
    service = Service(Settings(data=folder / "library", samples=False))
    index(service, [(headed_pdf(folder / "handbook.pdf", HANDBOOK), "handbook.pdf")])
    service.close()
    examples = Examples(folder / "library", folder)
    yield examples
    examples.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """One for the pages of all tests: the browser then fetches and compiles Gradio's scripts once."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield context
    context.close()


@pytest.fixture(scope="package")
def pocket(browser: Browser) -> Iterator[BrowserContext]:
    """A telephone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    yield from new_page(desk)


@pytest.fixture
def phone(pocket: BrowserContext) -> Iterator[Page]:
    yield from new_page(pocket)


@pytest.fixture
def fresh(page: Page, server: Running) -> Page:
    """A page on which nothing was touched yet."""
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").wait_for()
    return page


def new_page(context: BrowserContext) -> Iterator[Page]:
    """A page that remembers nothing of those before it. The tab stays: the browser takes as long for another as for a search."""
    page = context.pages[0] if context.pages else context.new_page()
    size = page.viewport_size
    try:
        yield from watched(page)
    finally:
        for one in context.pages:
            if one.url.startswith("http"):
                one.evaluate(_FORGET)
            if one is not context.pages[0]:
                one.close()
        context.clear_permissions()
        context.clear_cookies()
        for one in context.pages:
            one.unroute_all(behavior="ignoreErrors")
            one.goto("about:blank")
            if size:
                one.set_viewport_size(size)


def watched(page: Page) -> Iterator[Page]:
    """A page that has complained of nothing, and asked nobody but 127.0.0.1, by the end of the test."""
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        # The icon at the root of a site is the host's, where Pagelight is only a part of the site. A picture may be
        # on its way while its document is deleted.
        url = message.location["url"]
        is_gone = "/pages/" in url and "404" in message.text
        if message.type == "error" and not url.endswith("/favicon.ico") and not is_gone:
            complaints.append(message.text)

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def asked(request: Request) -> None:
        if request.url.startswith("http") and not request.url.startswith("http://127.0.0.1:"):
            complaints.append(request.url)

    page.on("console", said)
    page.on("pageerror", failed)
    page.on("request", asked)
    yield page
    assert complaints == []
    page.remove_listener("console", said)
    page.remove_listener("pageerror", failed)
    page.remove_listener("request", asked)


def ask(page: Page, address: str, query: str) -> None:
    """Open the page, type a question, press Enter, and wait for the page that answers it."""
    page.goto(address)
    page.get_by_role("combobox", name="Search the pages").fill(query)
    page.keyboard.press("Enter")
    page.locator(".pl-card").first.wait_for()
    viewer_ready(page)


def at_page(page: Page, number: int, of: int) -> None:
    """The reader says that it is at this page."""
    expect(page.get_by_role("textbox", name="Jump to page")).to_have_value(str(number), timeout=PATIENCE)
    expect(page.locator(".pl-viewer-where")).to_contain_text(f"of {of}")


def viewer_ready(page: Page) -> None:
    """The opened page's full image is there."""
    page.locator(".pl-current .pl-page-full.pl-loaded").wait_for()
    if page.locator(".pl-search[data-state=results]").count():
        page.locator(".pl-current .pl-heat:not([hidden])").wait_for(state="attached")


@pytest.fixture
def same_library_afterwards(server: Running) -> Iterator[None]:
    """Whatever a test adds is gone after it."""
    before = {document.document_id for document in server.service.documents()}
    yield
    for job in server.service.active_jobs():
        job.cancel()
    until(lambda: not server.service.active_jobs())
    for job in server.service.open_jobs():
        job.dismiss()
    for document in server.service.documents():
        if document.document_id not in before:
            server.service.delete_document(document.document_id)


@pytest.fixture
def library(page: Page, server: Running) -> Page:
    page.goto(server.address)
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_text("Drop documents here")).to_be_visible(timeout=PATIENCE)
    return page


def choose(page: Page, *files: Path) -> None:
    page.locator(".pl-chooser").set_input_files([str(file) for file in files])


def row(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(".pl-table tbody tr", has_text=name)


def file_state(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(".pl-job-file", has_text=name).locator(".pl-job-state")
