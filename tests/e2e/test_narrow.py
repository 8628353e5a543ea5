"""A telephone: one column, no sideways scrolling, and a found page comes to the reader."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, PATIENCE, Running, viewer_ready

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_nothing_scrolls_sideways_and_opening_scrolls_to_the_page(phone: Page, server: Running) -> None:
    phone.goto(server.address)
    expect(phone.get_by_role("heading", name="Ask your documents")).to_be_visible(timeout=PATIENCE)
    assert phone.evaluate(_SIDEWAYS) == 0
    phone.goto(f"{server.address}/?q=lantern")
    viewer_ready(phone)
    assert phone.evaluate(_SIDEWAYS) == 0
    card = phone.locator(".pl-card").first.bounding_box()
    viewer = phone.locator(".pl-viewer").bounding_box()
    assert card is not None
    assert viewer is not None
    assert viewer["y"] > card["y"] + card["height"]
    phone.locator(".pl-card").first.click()
    expect(phone.locator(".pl-viewer-title")).to_be_in_viewport(timeout=PATIENCE)
    phone.get_by_role("button", name="Zoom in").click()
    assert phone.evaluate(_SIDEWAYS) == 0
    phone.get_by_role("button", name="Results").click()
    expect(phone.get_by_role("searchbox", name="Search the pages")).to_be_in_viewport()


def test_the_library_fits(phone: Page, server: Running) -> None:
    phone.goto(server.address)
    phone.get_by_role("tab", name="Library").click()
    expect(phone.locator(".pl-table tbody tr").first).to_be_visible(timeout=PATIENCE)
    assert phone.evaluate(_SIDEWAYS) == 0
    phone.get_by_role("button", name="Delete ledger.pdf").click()
    expect(phone.get_by_role("dialog")).to_be_in_viewport()
    phone.get_by_role("button", name="Keep it").click()
