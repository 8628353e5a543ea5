"""Filters of a search: a chosen document, tags, dates, the language."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Running, ask, at_page, viewer_ready

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


#: words of both documents
BOTH = "ferry ledger lighthouse handbook"


def test_a_chosen_document_limits_the_search(page: Page, server: Running) -> None:
    ask(page, server.address, "lantern")
    page.get_by_role("button", name="All documents").click()
    page.get_by_role("checkbox", name="ledger.pdf").check()
    expect(page.locator(".pl-facet-button")).to_have_text("ledger.pdf")
    expect(page.locator(".pl-card:visible", has_text="handbook.pdf")).to_have_count(0)
    assert page.url.endswith("document=ledger.pdf") or "in=ledger.pdf" in page.url
    page.reload()
    expect(page.locator(".pl-facet-button")).to_have_text("ledger.pdf")


def test_tags_and_dates_limit_the_search_and_a_saved_search_brings_them_back(
    page: Page, server: Running
) -> None:
    ledger = server.service.find_document("ledger.pdf").document_id
    server.service.set_tags(ledger, ["harbour"])
    ask(page, server.address, BOTH)
    page.get_by_role("button", name="All documents").click()
    page.get_by_role("group", name="Tags").get_by_role("button", name="harbour").click()
    expect(page.locator(".pl-card:visible", has_text="handbook.pdf")).to_have_count(0)
    expect(page.locator(".pl-facet-button")).to_have_text("harbour")
    assert "tag=harbour" in page.url
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save this search").click()
    page.reload()
    viewer_ready(page)
    expect(page.locator(".pl-facet-button")).to_have_text("harbour")
    expect(page.get_by_role("button", name="Save this search")).to_have_attribute("aria-pressed", "true")
    page.goto(server.address)
    page.get_by_role("button", name=re.compile("^ferry ledger .* · harbour$")).click()
    expect(page.locator(".pl-card").first).to_contain_text("ledger.pdf")
    page.goto(f"{server.address}/?q=lantern&to=2001-01-01")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    server.service.set_tags(ledger, [])


def test_a_tag_that_is_given_meanwhile_is_in_the_filter(page: Page, server: Running) -> None:
    ask(page, server.address, BOTH)
    ledger = server.service.find_document("ledger.pdf").document_id
    server.service.set_tags(ledger, ["quay"])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("button", name="All documents").click()
    expect(page.get_by_role("group", name="Tags").get_by_role("button", name="quay")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Pagelight").click()
    expect(page.get_by_role("combobox", name="Search the pages")).to_be_focused()
    server.service.set_tags(ledger, [])


def test_language_and_date_of_the_documents_limit_the_search(page: Page, server: Running) -> None:
    library = server.service._library
    for name, language, dated in (("ledger.pdf", "de", "2023-05-06"), ("handbook.pdf", "en", "2020-01-01")):
        library.describe(server.service.find_document(name).document_id, language, dated)
    ask(page, server.address, BOTH)
    page.get_by_role("button", name="All documents").click()
    page.get_by_role("group", name="Language").get_by_role("button", name="German").click()
    expect(page.locator(".pl-card:visible", has_text="handbook.pdf")).to_have_count(0)
    expect(page.locator(".pl-facet-button")).to_have_text("German")
    assert "language=de" in page.url
    page.get_by_role("group", name="Language").get_by_role("button", name="German").click()
    page.get_by_label("Dated up to").fill("2021-01-01")
    expect(page.locator(".pl-card:visible", has_text="ledger.pdf")).to_have_count(0)
    assert "dated_to=2021-01-01" in page.url
    page.reload()
    viewer_ready(page)
    expect(page.locator(".pl-facet-button")).to_contain_text("2021")
    expect(page.locator(".pl-card:visible", has_text="ledger.pdf")).to_have_count(0)


def test_where_a_filter_finds_nothing_all_documents_are_one_click_away(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?q=when+is+the+lantern+lit&document=ledger.pdf")
    page.locator(".pl-results").get_by_role("button", name="Search all documents").click()
    at_page(page, 2, of=3)
    expect(page.locator(".pl-facet-button")).to_have_text("All documents")
