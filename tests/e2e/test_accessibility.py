"""axe-core finds nothing on any screen, by day and by night; and the keyboard alone is enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import CHROMIUM, PATIENCE, Running, ask, at_page, viewer_ready, watched
from tests.samples import headed_pdf

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


#: half a megabyte, which a page needs once
AXE = Axe().axe_script
RUN = """
([isNight, options]) => {
  document.body.classList.toggle('dark', isNight);
  return axe.run(options);
}
"""
#: elements, and what stands before and after them, that would change little by little
MOVING = """() => [...document.querySelectorAll('.pl *, .pl-curtain')].flatMap((node) => ['', '::before', '::after']
  .filter((part) => {
    const style = getComputedStyle(node, part);
    return /[1-9]/.test(style.transitionDuration) || (style.animationName !== 'none' && /[1-9]/.test(style.animationDuration));
  })
  .map((part) => node.className + part))"""
#: what passes need not be told
BY_DAY = {"resultTypes": ["violations"]}
#: by night only the colours differ
BY_NIGHT = {**BY_DAY, "runOnly": ["color-contrast"]}


@pytest.fixture
def still(browser: Browser) -> Iterator[Page]:
    """A page without motion: what changes has changed."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    yield from watched(context.new_page())
    context.close()


def check(page: Page, screen: str) -> None:
    """By day, and by night; and nothing moves for whoever wants no motion."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for options in (BY_DAY, BY_NIGHT):
        is_night = options is BY_NIGHT
        found = AxeResults(page.evaluate(RUN, [is_night, options]))
        assert found.violations_count == 0, f"{screen}, {is_night=}: {found.generate_report()}"
    page.evaluate("document.body.classList.remove('dark')")
    assert page.evaluate(MOVING) == [], screen


def test_no_screen_has_a_violation(still: Page, server: Running) -> None:
    page = still
    page.goto(server.address)
    expect(page.get_by_role("button", name="Open ledger.pdf")).to_be_visible()
    check(page, "start")
    box = page.get_by_role("combobox", name="Search the pages")
    box.press_sequentially("ledg")
    box.press("ArrowDown")
    expect(page.get_by_role("option", name="ledger.pdf", selected=True)).to_be_visible()
    check(page, "proposals")
    box.fill("when is the lantern lit")
    box.press("Enter")
    viewer_ready(page)
    check(page, "results")
    page.get_by_role("button", name="All documents").click()
    check(page, "filters")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Why this page").click()
    expect(page.locator(".pl-why-row").first).to_be_visible()
    check(page, "why")
    page.get_by_role("button", name="Export").click()
    check(page, "export")
    page.keyboard.press("Escape")
    page.locator(".pl-stage").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.get_by_role("searchbox", name="Find in this document").fill("lantern")
    expect(page.locator(".pl-find-state")).to_contain_text("of 2")
    check(page, "find")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check(page, "help")
    page.keyboard.press("Escape")
    box.fill("velvet trombone penguins")
    box.press("Enter")
    expect(page.locator(".pl-message h2")).to_contain_text("velvet trombone")
    check(page, "nothing")
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_role("button", name="Delete ledger.pdf")).to_be_visible()
    check(page, "library")
    page.get_by_role("button", name="About this library").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, "about")
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Select ledger.pdf").check()
    check(page, "selected")
    page.get_by_role("button", name="Details of ledger.pdf").click()
    check(page, "details")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete ledger.pdf").click()
    check(page, "delete")


@pytest.mark.usefixtures("same_library_afterwards")
def test_no_state_has_a_violation(still: Page, server: Running, tmp_path: Path) -> None:
    page = still
    ask(page, server.address, "emergency telephone")
    page.locator(".pl-current .pl-box-button").first.dispatch_event("click")
    expect(page.locator(".pl-region-menu [role=menu]")).to_be_visible()
    check(page, "place")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Places").click()
    expect(page.locator(".pl-place").first).to_be_visible()
    check(page, "places")
    page.get_by_role("button", name="Similar pages").click()
    expect(page.locator(".pl-like")).to_be_visible()
    expect(page.locator(".pl-search.pl-busy")).to_have_count(0)
    check(page, "similar")
    page.goto(f"{server.address}/?document=handbook.pdf&page=2")
    expect(page.locator(".pl-current .pl-page-full.pl-loaded")).to_be_attached()
    page.get_by_role("button", name="Draw a box to search with").click()
    check(page, "reading")
    (tmp_path / "notes.pdf").write_text("a shopping list")
    server.service.add(
        [
            headed_pdf(tmp_path / "long.pdf", tuple(("Storm", f"Warning {n}") for n in range(300))),
            tmp_path / "notes.pdf",
        ]
    )
    page.goto(f"{server.address}/?tab=library")
    expect(page.locator(".pl-job-running")).to_be_visible(timeout=PATIENCE)
    check(page, "adding")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator(".pl-toast")).to_be_visible(timeout=PATIENCE)
    check(page, "cancelled")
    page.evaluate("sessionStorage.clear()")
    page.route("**/component_server**", nothing_there)
    page.goto(server.address)
    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    check(page, "empty")
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    check(page, "empty library")
    page.unroute("**/component_server**")
    page.route("**/component_server**", lambda route: None)
    page.goto(f"{server.address}/?q=lantern")
    expect(page.locator(".pl-waiting")).to_be_visible()
    check(page, "waiting")
    page.unroute("**/component_server**")
    page.route("**/component_server**", lambda route: route.fulfill(body="<h1>Bad gateway</h1>"))
    page.goto(f"{server.address}/?q=lantern")
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    expect(page.locator(".pl-activity.pl-gone")).to_be_visible()
    check(page, "gone")
    page.set_viewport_size({"width": 390, "height": 844})
    page.unroute("**/component_server**")
    page.goto(f"{server.address}/?q=when+is+the+lantern+lit")
    viewer_ready(page)
    check(page, "telephone")


def nothing_there(route: Route) -> None:
    """The server's own answer, of a library without documents."""
    answer = route.fetch()
    found = answer.json()
    route.fulfill(
        response=answer, json={**found, "documents": [], "jobs": [], "indexing": None, "examples": []}
    )


def test_from_the_first_key_to_a_copied_citation(page: Page, server: Running) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("when is the lantern lit")
    page.keyboard.press("Enter")
    viewer_ready(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".pl-stage")).to_be_focused()
    at_page(page, 2, of=3)
    page.keyboard.press("c")
    expect(page.locator(".pl-toast")).to_contain_text("Citation copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("handbook.pdf, page 2. ")
