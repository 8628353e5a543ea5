"""axe-core finds nothing on any screen, by day and by night; and the keyboard alone is enough."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHROMIUM, Running, at_page, viewer_ready, watched

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('pagelight-theme', JSON.stringify('{request.param}'))")
    yield from watched(context.new_page())
    context.close()


def check(page: Page, screen: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{screen}: {found.generate_report()}"


def test_no_screen_has_a_violation(themed: Page, server: Running) -> None:
    page = themed
    page.goto(server.address)
    expect(page.get_by_role("button", name="Open ledger.pdf")).to_be_visible()
    check(page, "start")
    box = page.get_by_role("searchbox", name="Search the pages")
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
    page.get_by_role("checkbox", name="Select ledger.pdf").check()
    check(page, "selected")
    page.get_by_role("button", name="Details of ledger.pdf").click()
    check(page, "details")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete ledger.pdf").click()
    check(page, "delete")


def test_from_the_first_key_to_a_copied_citation(page: Page, server: Running) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    page.goto(server.address)
    page.get_by_role("searchbox", name="Search the pages").wait_for()
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
