"""Each example, started by its one command and used in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.conftest import CHROMIUM, PATIENCE
from tests.e2e.examples import BEHIND_PROXY, Examples

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def search(place: Page | FrameLocator, query: str = "when is the lantern lit") -> None:
    """Type a question and see the page that answers, with its image."""
    box = place.get_by_role("combobox", name="Search the pages")
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


def test_mounted_below_a_path_for_those_who_are_signed_in(page: Page, examples: Examples) -> None:
    address = examples.address("mounted")
    stranger = page.request.get(f"{address}/search/")
    assert (stranger.status, stranger.json()["error"]) == (403, "you may not use this library")
    page.goto(address)
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/search/")
    search(page)


def test_in_an_iframe(page: Page, examples: Examples) -> None:
    page.goto(examples.address("iframe"))
    expect(page.get_by_role("heading", name="Handbook")).to_be_visible()
    search(page.frame_locator("iframe"))


def test_as_an_element_of_the_page(page: Page, examples: Examples) -> None:
    address = examples.address("web_component")
    page.goto(address)
    search(page)
    expect(page.get_by_text("Written by the people of the handbook")).to_be_visible()
    assert page.url.startswith(f"{address}/")


def test_behind_a_proxy_that_takes_its_prefix_off(page: Page, examples: Examples) -> None:
    address = examples.address(BEHIND_PROXY)
    page.goto(f"{address}/")
    search(page)
    assert page.url.startswith(f"{address}/?q=when+is+the+lantern+lit")
    page.reload()
    found(page)
    assert page.locator(".pl-current .pl-page-full").get_attribute("src").startswith(f"{address}/pages/")
