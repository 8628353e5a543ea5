"""Answers that come late, fail, or come after something else was done: what somebody did last is what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import CHROMIUM, Running, ask, at_page, index, row
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]

_SERVER = "**/component_server**"
_GONE = "<h1>Bad gateway</h1>"
#: as one does who was at another window: the page looks at the library at once
_COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
#: a few turns of the browser, in which an answer that is there has been taken
_A_WHILE = "new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))"
_TIDE = [(f"Tide table {month}", "High water at the pier") for month in range(1, 10)]


class Answers:
    """The server's answers to a page, of which some are held until they are let go."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._names: set[str] = set()
        self._held: list[Route] = []
        page.route(_SERVER, self._answer)

    def _answer(self, route: Route) -> None:
        if any(f'"{name}"' in (route.request.post_data or "") for name in self._names):
            self._held.append(route)
        else:
            route.continue_()

    def hold(self, name: str) -> None:
        self._names.add(name)

    def after(self, action: Callable[[], object], name: str) -> None:
        """Do something that asks the server this, and wait until it has been asked."""
        self.hold(name)
        before = len(self._held)
        action()
        until(lambda: self._page.wait_for_timeout(20) is None and len(self._held) > before)
        self._names.discard(name)

    def let_go(self, name: str = "", *, failing: bool = False) -> None:
        """Those that are held, all or of this name, come now, and the page takes them."""
        going = [route for route in self._held if name in (route.request.post_data or "")]
        for route in going:
            self._held.remove(route)
            with self._page.expect_response(lambda answer, asked=route.request: answer.request == asked):
                if failing:
                    route.fulfill(body=_GONE)
                else:
                    route.continue_()
        self._page.evaluate(_A_WHILE)


@pytest.fixture
def answers(page: Page) -> Answers:
    return Answers(page)


@pytest.fixture(scope="module")
def tide(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A document of more pages than a search shows at first."""
    path = headed_pdf(tmp_path_factory.mktemp("tide") / "tide.pdf", _TIDE)
    index(server.service, [(path, "tide.pdf")])
    yield "tide.pdf"
    server.service.delete_document(server.service.find_document("tide.pdf").document_id)


def search(page: Page, query: str) -> None:
    box = page.get_by_role("combobox", name="Search the pages")
    box.fill(query)
    box.press("Enter")


@pytest.mark.usefixtures("tide")
def test_more_pages_come_though_a_page_is_opened_and_can_be_asked_for_again(
    page: Page, server: Running, answers: Answers
) -> None:
    answers.hold("light_pages")
    ask(page, server.address, "high water at the pier")
    page.get_by_role("button", name="Pages", exact=True).click()
    cards = page.locator(".pl-card")
    before = cards.count()
    more = page.get_by_role("button", name="More pages")
    answers.after(more.click, "find_pages")
    answers.let_go(failing=True)
    assert cards.count() == before
    answers.after(more.click, "find_pages")
    answers.after(cards.nth(3).click, "open_page")
    answers.let_go()
    assert cards.count() > before
    expect(page.locator(".pl-current .pl-heat:not([hidden])")).to_be_attached()
    expect(cards.nth(3)).to_have_attribute("aria-current", "true")


def test_a_search_that_is_waited_for_outlives_a_change_of_the_library(
    page: Page, server: Running, answers: Answers
) -> None:
    ask(page, server.address, "when is the lantern lit")
    answers.after(lambda: search(page, "tickets on the northern route"), "find_pages")
    handbook = server.service.find_document("handbook.pdf").document_id
    server.service.rename(handbook, "manual.pdf")
    try:
        page.evaluate(_COME_BACK)
        expect(page.locator(".pl-table tr", has_text="manual.pdf")).to_be_attached()
        answers.let_go()
        expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
        assert "tickets" in page.url
    finally:
        server.service.rename(handbook, "handbook.pdf")


def test_what_is_chosen_while_a_search_is_waited_for_counts(
    page: Page, server: Running, answers: Answers
) -> None:
    page.goto(server.address)
    page.locator(".pl-shelf").wait_for()
    answers.after(lambda: search(page, "wages and the lantern"), "find_pages")
    page.get_by_role("button", name="All documents").click()
    page.get_by_role("checkbox", name="ledger.pdf").check()
    answers.let_go()
    expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
    expect(page.locator(".pl-card").filter(has_text="handbook")).to_have_count(0)
    answers.after(lambda: search(page, "when is the lantern lit"), "find_pages")
    page.evaluate("history.back()")  # to the start page
    expect(page.locator(".pl-shelf").first).to_be_visible()
    answers.let_go()
    expect(page.locator(".pl-shelf").first).to_be_visible()


def test_back_to_what_is_still_shown_takes_a_waiting_search_out_of_the_box(
    page: Page, server: Running, answers: Answers
) -> None:
    ask(page, server.address, "when is the lantern lit")
    page.get_by_role("button", name="Next page").click()
    at_page(page, 3, of=3)
    answers.after(lambda: search(page, "tickets on the northern route"), "find_pages")
    page.evaluate("history.back()")
    at_page(page, 2, of=3)
    expect(page.get_by_role("combobox", name="Search the pages")).to_have_value("when is the lantern lit")
    answers.let_go()
    at_page(page, 2, of=3)
    expect(page.get_by_role("combobox", name="Search the pages")).to_have_value("when is the lantern lit")


def test_the_newest_word_on_a_page_is_the_last_that_is_kept(
    page: Page, server: Running, answers: Answers
) -> None:
    ask(page, server.address, "wages of the deck crew")
    yes = page.get_by_role("button", name="Yes, this page answers it")
    answers.after(yes.click, "judge_page")
    expect(yes).to_have_attribute("aria-pressed", "true")
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "false")
    answers.let_go()
    expect(page.locator(".pl-toast")).to_contain_text("Taken back")
    assert not any(judged.query == "wages of the deck crew" for judged in server.service.judgements())
    answers.after(yes.click, "judge_page")
    answers.let_go(failing=True)
    expect(yes).to_have_attribute("aria-pressed", "false")


def test_late_answers_take_no_focus_and_open_nothing(page: Page, server: Running, answers: Answers) -> None:
    ask(page, server.address, "when is the lantern lit")
    box = page.get_by_role("combobox", name="Search the pages")
    answers.after(page.get_by_role("button", name="Why this page").click, "why_page")
    box.focus()
    answers.let_go()
    expect(page.locator(".pl-why-row").first).to_be_visible()
    expect(box).to_be_focused()
    page.get_by_role("button", name="Find in this document").click()
    find = page.get_by_role("searchbox", name="Find in this document")
    find.fill("lantern")
    expect(page.locator(".pl-find-current")).to_be_visible()
    find.fill("dusk")
    answers.after(lambda: find.press("Enter"), "find_text")
    find.press("Escape")
    answers.let_go()
    expect(page.locator(".pl-find")).to_have_count(0)
    place = page.locator(".pl-current .pl-box-button").first
    answers.after(lambda: place.click(force=True), "page_text")
    page.locator(".pl-brand").click()
    answers.let_go()
    expect(page.locator(".pl-shelf").first).to_be_visible()
    page.get_by_role("tab", name="Library").click()
    answers.after(page.get_by_role("button", name="About this library").click, "about_library")
    page.get_by_role("tab", name="Search").click()
    answers.let_go()
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.usefixtures("same_library_afterwards")
def test_an_older_look_at_the_library_undoes_no_newer_one(
    library: Page, server: Running, answers: Answers, tmp_path: Path
) -> None:
    path = headed_pdf(tmp_path / "old-look.pdf", (("Old look", "Seen once"),))
    answers.after(lambda: library.evaluate(_COME_BACK), "list_library")
    index(server.service, [(path, "old-look.pdf")])
    library.get_by_role("tab", name="Search").click()
    library.get_by_role("tab", name="Library").click()  # which looks once more
    expect(row(library, "old-look.pdf")).to_be_visible()
    answers.let_go(failing=True)
    expect(row(library, "old-look.pdf")).to_be_visible()
    expect(library.locator(".pl-library > .pl-failure")).to_be_hidden()


def test_a_failed_search_stays_when_the_library_is_known(
    page: Page, server: Running, answers: Answers
) -> None:
    answers.after(lambda: page.goto(server.address), "overview")
    answers.after(lambda: search(page, "when is the lantern lit"), "find_pages")
    answers.let_go("find_pages", failing=True)
    again = page.locator(".pl-results").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    answers.let_go()
    expect(page.get_by_role("button", name="All documents")).to_be_visible()
    again.click()
    at_page(page, 2, of=3)


def test_a_link_is_followed_when_the_library_is_known_at_last(
    page: Page, server: Running, answers: Answers
) -> None:
    address = f"{server.address}/?q=wages+and+the+lantern&document=ledger.pdf"
    answers.after(lambda: page.goto(address), "overview")
    expect(page.locator(".pl-table tr", has_text="ledger.pdf")).to_be_attached()
    answers.let_go(failing=True)
    page.evaluate(_COME_BACK)
    expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
    expect(page.locator(".pl-card").filter(has_text="handbook")).to_have_count(0)
    search(page, "northern route")
    at_page(page, 1, of=2)
    expect(page).to_have_url(re.compile("northern"))
    answers.after(page.reload, "overview")
    page.evaluate("history.back()")
    answers.let_go()
    expect(page.get_by_role("combobox", name="Search the pages")).to_have_value("wages and the lantern")
    expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
    expect(page.locator(".pl-card").filter(has_text="handbook")).to_have_count(0)
