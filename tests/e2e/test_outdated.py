"""Results of a library that another tab has changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from pagelight.app.service import Service
from tests.e2e.conftest import CHROMIUM, Running, ask, at_page, index
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]

#: as one does who was at another window: the page looks at once
_COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
_NAME = "walrus.pdf"
#: of which the last is not opened ahead of anybody
_PAGES = 6


@pytest.fixture
def found(page: Page, server: Running, tmp_path: Path) -> Iterator[Page]:
    """Results of a document that is about to change."""
    pages = (("Walrus", "The walrus sleeps on the ice"), *[("Ice", "Floes in spring")] * (_PAGES - 1))
    index(server.service, [(headed_pdf(tmp_path / _NAME, pages), _NAME)])
    page.route("**/pages/**", as_found)
    ask(page, server.address, "where does the walrus sleep")
    at_page(page, 1, of=_PAGES)
    yield page
    page.unroute_all(behavior="ignoreErrors")


def as_found(route: Route) -> None:
    """A picture that is not there would be a complaint of the browser."""
    route.fulfill(response=route.fetch(), status=200)


def delete(service: Service) -> None:
    service.delete_document(service.find_document(_NAME).document_id)


def test_a_page_that_is_gone_says_so_and_the_results_follow(found: Page, server: Running) -> None:
    delete(server.service)
    found.get_by_role("textbox", name="Jump to page").fill(str(_PAGES))
    found.keyboard.press("Enter")
    expect(found.locator(".pl-toast")).to_have_text("“walrus.pdf” is no longer in your library.")
    expect(found.locator(".pl-card", has_text=_NAME)).to_have_count(0)
    expect(found.get_by_role("heading", name="Nothing")).to_be_visible()


def test_what_is_read_while_it_is_deleted_is_said(found: Page, server: Running) -> None:
    found.goto(f"{server.address}/?document={_NAME}")
    at_page(found, 1, of=_PAGES)
    delete(server.service)
    found.evaluate(_COME_BACK)
    expect(found.locator(".pl-toast")).to_have_text("“walrus.pdf” is no longer in your library.")
    expect(found.get_by_role("heading", name="Ask your documents")).to_be_visible()


def test_another_name_reaches_the_results_and_the_page_stays(found: Page, server: Running) -> None:
    found.get_by_role("button", name="Next page").click()
    at_page(found, 2, of=_PAGES)
    server.service.rename(server.service.find_document(_NAME).document_id, "sea-cow.pdf")
    found.get_by_role("combobox", name="Search the pages").fill("half a quest")
    found.evaluate(_COME_BACK)
    expect(found.locator(".pl-card").first).to_contain_text("sea-cow.pdf")
    expect(found.locator(".pl-viewer-title")).to_have_text("sea-cow.pdf")
    at_page(found, 2, of=_PAGES)
    expect(found.get_by_role("combobox", name="Search the pages")).to_have_value("half a quest")


def test_what_is_found_anew_behind_the_library_leaves_its_address(
    page: Page, server: Running, tmp_path: Path
) -> None:
    page.goto(f"{server.address}/?q=where+does+the+walrus+sleep")
    expect(page.get_by_role("heading", name="Nothing")).to_be_visible()
    page.get_by_role("tab", name="Library").click()
    found = []
    page.on(
        "request", lambda request: "component_server" in request.url and found.append(request.post_data or "")
    )
    index(
        server.service, [(headed_pdf(tmp_path / _NAME, (("Walrus", "The walrus sleeps on the ice"),)), _NAME)]
    )
    page.evaluate(_COME_BACK)
    expect(page.locator(".pl-table tr", has_text=_NAME)).to_be_visible()
    page.get_by_role("button", name=f"Delete {_NAME}").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    until(lambda: page.wait_for_timeout(20) is None and any("find_pages" in data for data in found))
    assert page.url.endswith("?tab=library")


def test_what_is_found_anew_leaves_folds_and_scrolling_and_takes_nothing_away(
    found: Page, server: Running
) -> None:
    found.locator(".pl-nearest").evaluate("fold => { fold.open = true; }")
    stage = found.locator(".pl-stage")
    stage.evaluate("stage => { stage.scrollTop = 150; }")
    ledger = server.service.find_document("ledger.pdf").document_id
    server.service.rename(ledger, "accounts.pdf")
    found.evaluate(_COME_BACK)
    expect(found.locator(".pl-card", has_text="accounts.pdf").first).to_be_visible()
    assert stage.evaluate("stage => stage.scrollTop") == 150
    assert found.locator(".pl-nearest").evaluate("fold => fold.open")
    found.route(
        "**/component_server**",
        lambda route: (
            route.fulfill(body="gone")
            if "find_pages" in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    server.service.rename(ledger, "ledger.pdf")
    found.evaluate(_COME_BACK)
    expect(found.locator(".pl-table .pl-document-name", has_text="ledger.pdf")).to_be_attached()
    expect(found.locator(".pl-card").first).to_be_visible()
    at_page(found, 1, of=_PAGES)
