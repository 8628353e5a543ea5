"""What a page says and does while its server is slow, gone, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import CHROMIUM, at_page, choose, row
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]

#: as one does who was at another window: the page looks at once
_COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"


def test_when_the_server_is_gone_a_click_asks_again(fresh: Page) -> None:
    # what a proxy says for a server that does not answer; a refused connection would be a complaint of the browser
    fresh.route("**/component_server**", lambda route: route.fulfill(body="<h1>Bad gateway</h1>"))
    box = fresh.get_by_role("combobox", name="Search the pages")
    box.fill("when is the lantern lit")
    box.press("Enter")
    expect(fresh.get_by_text("Pagelight does not answer").first).to_be_visible()
    fresh.unroute("**/component_server**")
    fresh.locator(".pl-results").get_by_role("button", name="Try again").click()
    at_page(fresh, 2, of=3)
    fresh.route("**/component_server**", lambda route: route.fulfill(body="<h1>Bad gateway</h1>"))
    fresh.get_by_role("button", name="Why this page").click()
    again = fresh.locator(".pl-why").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    fresh.unroute("**/component_server**")
    again.click()
    expect(fresh.locator(".pl-why-row").first).to_be_visible()


def test_what_the_library_holds_is_told_too_late_and_the_failed_search_stays(fresh: Page) -> None:
    late: list[Route] = []

    def answer(route: Route) -> None:
        if "overview" in (route.request.post_data or ""):
            late.append(route)
        else:
            route.fulfill(body="<h1>Bad gateway</h1>")

    fresh.route("**/component_server**", answer)
    fresh.reload()
    box = fresh.get_by_role("combobox", name="Search the pages")
    box.fill("when is the lantern lit")
    box.press("Enter")
    again = fresh.locator(".pl-results").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    fresh.wait_for_function("document.querySelector('.pl-gone')")
    for route in late:
        route.fulfill(body="<h1>Bad gateway</h1>")
    fresh.evaluate("new Promise(requestAnimationFrame)")
    expect(again).to_be_visible()
    fresh.unroute("**/component_server**")
    again.click()
    at_page(fresh, 2, of=3)


def test_pictures_that_did_not_come_are_fetched_when_the_server_is_back(fresh: Page) -> None:
    fresh.locator(".pl-row-thumb img").first.wait_for(state="attached")
    for path in ("**/component_server**", "**/pages/**"):
        fresh.route(path, lambda route: route.fulfill(body="<h1>Bad gateway</h1>", content_type="text/html"))
    fresh.get_by_role("tab", name="Library").click()
    cover = fresh.locator(".pl-row-thumb img").first
    until(lambda: cover.evaluate("image => image.complete && !image.src"))  # and no torn picture is drawn
    expect(fresh.locator(".pl-library > .pl-failure")).to_be_visible()
    for path in ("**/component_server**", "**/pages/**"):
        fresh.unroute(path)
    fresh.locator(".pl-library > .pl-failure").get_by_role("button", name="Try again").click()
    until(lambda: cover.evaluate("image => image.naturalWidth > 0"))


def test_a_first_search_that_takes_long_says_that_it_is_under_way(fresh: Page) -> None:
    fresh.route("**/component_server**", lambda route: None)
    box = fresh.get_by_role("combobox", name="Search the pages")
    box.fill("when is the lantern lit")
    box.press("Enter")
    expect(fresh.get_by_role("status").filter(has_text="Searching…")).to_be_visible()
    expect(fresh.get_by_text("when Pagelight has just started")).to_have_css("opacity", "1")
    for part in (".pl-results-bar", ".pl-nearest", ".pl-more"):
        expect(fresh.locator(part)).to_be_hidden()
    fresh.unroute("**/component_server**")  # which lets those go on that wait
    at_page(fresh, 2, of=3)
    expect(fresh.get_by_text("Searching…")).to_have_count(0)


def test_what_is_said_of_a_server_that_was_gone_ends_with_its_first_answer(fresh: Page) -> None:
    fresh.get_by_role("tab", name="Library").click()
    expect(fresh.locator(".pl-table tbody tr").first).to_be_visible()
    fresh.route("**/component_server**", lambda route: route.fulfill(body="<h1>Bad gateway</h1>"))
    fresh.evaluate(_COME_BACK)
    failure = fresh.locator(".pl-library > .pl-failure")
    expect(failure).to_be_visible()
    fresh.unroute("**/component_server**")
    fresh.evaluate(_COME_BACK)
    expect(failure).to_be_hidden(timeout=2000)


def test_the_search_tab_says_that_the_server_is_gone_and_asks_again(fresh: Page) -> None:
    fresh.route("**/component_server**", lambda route: route.fulfill(body="<h1>Bad gateway</h1>"))
    fresh.evaluate(_COME_BACK)
    pill = fresh.get_by_role("button", name="No connection. Try again")
    expect(pill).to_be_visible()
    expect(fresh.locator(".pl-frame > [role=status]")).to_contain_text("Pagelight does not answer")
    fresh.unroute("**/component_server**")
    pill.click()
    expect(pill).to_be_hidden(timeout=2000)


def test_a_file_that_could_not_be_sent_is_sent_again_by_one_click(fresh: Page, tmp_path: Path) -> None:
    fresh.route("**/upload**", lambda route: route.fulfill(body="<h1>Bad gateway</h1>"))
    empty = tmp_path / "nothing.pdf"
    empty.write_bytes(b"")
    choose(fresh, headed_pdf(tmp_path / "buoy.pdf", (("Buoys", "The red buoy rings"),)), empty)
    card = fresh.locator(".pl-job", has_text="buoy.pdf")
    expect(card).to_contain_text("The upload failed")
    fresh.unroute("**/upload**")
    card.get_by_role("button", name="Retry").click()
    expect(row(fresh, "buoy.pdf")).to_contain_text("ready")
    expect(row(fresh, "buoy.pdf")).to_have_count(1)
    # what would be refused again stays, and is not sent again
    expect(fresh.locator(".pl-job", has_text="nothing.pdf")).to_contain_text("The file is empty.")
    expect(fresh.get_by_role("button", name="Retry")).to_have_count(0)
