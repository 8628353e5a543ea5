"""What is proposed while somebody types a question."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Running, ask, at_page

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def test_arrows_go_through_what_is_proposed_and_enter_alone_asks_what_is_typed(
    page: Page, server: Running
) -> None:
    ask(page, server.address, "when is the lantern lit")
    box = page.get_by_role("combobox", name="Search the pages")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    box.fill("")
    box.press_sequentially("LANT wh")
    expect(options.first).to_contain_text("when is the lantern lit")
    assert not any("LANT" in data for data in asked), "no key asks the server"
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "-")
    expect(box).to_have_value("LANT wh")
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("LANT wh")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("en")
    box.press("ArrowUp")
    box.press("Enter")
    expect(options).to_have_count(0)
    expect(box).to_have_value("when is the lantern lit")
    box.fill("northern")
    box.press("Enter")
    expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
    expect(box).to_have_value("northern")
    expect(options).to_have_count(0)


def test_a_document_is_opened_by_its_name(fresh: Page) -> None:
    fresh.locator(".pl-shelf").wait_for()
    box = fresh.get_by_role("combobox", name="Search the pages")
    box.press_sequentially("ledg")
    fresh.get_by_role("option", name="ledger.pdf").click()
    at_page(fresh, 1, of=2)
    expect(fresh.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
