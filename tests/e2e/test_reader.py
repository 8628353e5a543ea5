"""Reading on from a found page: the whole document, its words, and what is taken along."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.conftest import CHROMIUM, Running, ask, at_page, index
from tests.samples import headed_pdf, scan_pdf
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

#: CSS pixels of a sheet of US Letter, without margins of an inch and the document's name
_SHEET_HEIGHT = 810


@pytest.fixture
def opened(page: Page, server: Running) -> Page:
    ask(page, server.address, "when is the lantern lit")
    at_page(page, 2, of=3)
    return page


def test_the_document_is_one_scroll_and_the_page_follows(opened: Page) -> None:
    stage = opened.locator(".pl-stage")
    assert stage.locator(".pl-page").count() == 3
    stage.hover()
    opened.mouse.wheel(0, 4000)
    at_page(opened, 3, of=3)
    expect(opened.locator(".pl-strip [aria-current=page]")).to_have_text("3")
    opened.wait_for_url("**page=3*")
    opened.get_by_role("textbox", name="Jump to page").fill("1")
    opened.keyboard.press("Enter")
    at_page(opened, 1, of=3)
    expect(opened.locator(".pl-strip-page.pl-matches").first).to_have_attribute(
        "aria-label", "Page 2, strong match"
    )


def test_words_are_selected_and_copied(opened: Page, server: Running) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    words = opened.locator(".pl-current .pl-text span")
    expect(words.first).to_have_text("Lantern")
    opened.evaluate(
        """() => {
          const words = document.querySelectorAll('.pl-current .pl-text span');
          getSelection().setBaseAndExtent(words[1].firstChild, 0, words[4].firstChild, 3);
        }"""
    )
    opened.keyboard.press("Control+c")
    assert opened.evaluate("navigator.clipboard.readText()") == "The lantern is lit"


@pytest.mark.usefixtures("same_library_afterwards")
def test_what_was_read_on_a_scan_is_found_selected_and_copied(
    page: Page, server: Running, tmp_path: Path
) -> None:
    index(server.service, [(scan_pdf(tmp_path, 2), "scan.pdf")])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    page.goto(f"{server.address}/?document=scan.pdf&page=1")
    words = page.locator(".pl-current .pl-text span")
    expect(words.first).to_have_text("scanned")
    for end, step in (("left", page.mouse.down), ("right", page.mouse.up)):
        box = (words.first if end == "left" else words.nth(1)).bounding_box()
        assert box
        x = box["x"] + 1 if end == "left" else box["x"] + box["width"] - 1
        page.mouse.move(x, box["y"] + box["height"] / 2, steps=3)
        step()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "scanned page"
    page.locator(".pl-stage").focus()
    page.keyboard.press("f")
    page.get_by_role("searchbox", name="Find in this document").fill("scanned page")
    expect(page.locator(".pl-find-state")).to_have_text("1 of 2")


def test_on_paper_the_page_stands_alone_with_its_light(opened: Page) -> None:
    opened.emulate_media(media="print")
    for tool in (".pl-header", ".pl-ask", ".pl-results", ".pl-strip", ".pl-viewer-tools", ".pl-viewer-foot"):
        expect(opened.locator(tool)).to_be_hidden()
    expect(opened.locator(".pl-page:visible")).to_have_count(1)
    expect(opened.locator(".pl-current .pl-heat")).to_be_visible()
    expect(opened.locator(".pl-viewer-title")).to_have_text("handbook.pdf")
    page, stage = opened.locator(".pl-current").bounding_box(), opened.locator(".pl-stage").bounding_box()
    assert page is not None
    assert stage is not None
    assert page["height"] <= stage["height"] + 1, "nothing is cut off"
    assert page["height"] < _SHEET_HEIGHT, "one sheet is enough"
    opened.get_by_role("tab", name="Library", include_hidden=True).dispatch_event("click")
    opened.locator(".pl-table tbody input").first.dispatch_event("click")
    for tool in (".pl-bulk", ".pl-table tbody input", ".pl-about-opener"):
        expect(opened.locator(tool).first).to_be_hidden()
    opened.emulate_media(media="screen")


def test_find_goes_through_the_document(opened: Page) -> None:
    opened.locator(".pl-stage").focus()
    opened.keyboard.press("f")
    opened.get_by_role("searchbox", name="Find in this document").fill("at d")
    expect(opened.locator(".pl-find-state")).to_have_text("1 of 2")
    at_page(opened, 2, of=3)
    opened.get_by_role("button", name="Previous place").click()
    expect(opened.locator(".pl-find-state")).to_have_text("2 of 2")
    opened.get_by_role("button", name="Next place").click()
    expect(opened.locator(".pl-find-state")).to_have_text("1 of 2")


def test_keys_of_the_page_work_while_the_focus_is_on_a_card(opened: Page) -> None:
    opened.locator(".pl-card").first.click()
    opened.keyboard.press("+")
    expect(opened.locator(".pl-zoom-label")).to_have_text("130%")
    opened.keyboard.press("f")
    opened.keyboard.type("0")
    expect(opened.get_by_role("searchbox", name="Find in this document")).to_have_value("0")
    expect(opened.locator(".pl-zoom-label")).to_have_text("130%")


def test_keys_scroll_what_has_the_focus(opened: Page) -> None:
    """The page by screens, the thumbnails and the cards by as many as are seen."""
    opened.set_viewport_size({"width": 1280, "height": 700})
    opened.locator(".pl-strip-page").nth(1).click()
    stage = opened.locator(".pl-stage")
    expect(stage).to_be_focused()
    opened.keyboard.press("PageUp")
    before = stage.evaluate("stage => stage.scrollTop")
    opened.keyboard.press("PageDown")
    until(
        lambda: (
            opened.wait_for_timeout(50) is None and stage.evaluate("stage => stage.scrollTop") > before + 100
        )
    )
    at_page(opened, 2, of=3)  # of which there was more to read
    opened.keyboard.press("ArrowRight")
    at_page(opened, 3, of=3)
    opened.locator(".pl-strip-page").nth(2).focus()
    opened.keyboard.press("PageUp")
    opened.keyboard.press("Home")
    expect(opened.locator(".pl-strip-page").first).to_be_focused()
    at_page(opened, 3, of=3)
    opened.keyboard.press("Space")
    at_page(opened, 1, of=3)
    assert opened.locator(".pl-strip-page[tabindex='0']").count() == 1
    cards = opened.locator(".pl-card:visible")
    cards.first.focus()
    opened.keyboard.press("PageDown")
    expect(cards.first).not_to_be_focused()
    expect(opened.locator(".pl-card:focus")).to_have_count(1)


@pytest.mark.usefixtures("same_library_afterwards")
def test_the_strip_shows_the_page_that_is_open(page: Page, server: Running, tmp_path: Path) -> None:
    pages = tuple((f"Chart {n}", "Soundings in fathoms") for n in range(1, 15))
    index(server.service, [(headed_pdf(tmp_path / "charts.pdf", pages), "charts.pdf")])
    page.goto(f"{server.address}/?document=charts.pdf&page=8")
    at_page(page, 8, of=14)
    current = page.locator(".pl-strip [aria-current=page]")
    expect(current).to_be_in_viewport(ratio=1)
    for _ in range(4):
        page.get_by_role("button", name="Next page").click()
    expect(current).to_have_text("12")
    expect(current).to_be_in_viewport(ratio=1)


def test_a_page_is_turned_and_zoomed_to_its_match(opened: Page) -> None:
    page = opened.locator(".pl-current")
    before = page.bounding_box()
    opened.locator(".pl-stage").focus()
    opened.keyboard.press("r")
    turned = page.bounding_box()
    assert before is not None
    assert turned is not None
    assert turned["width"] / turned["height"] == pytest.approx(before["height"] / before["width"], rel=0.02)
    for _ in range(3):
        opened.keyboard.press("r")
    opened.keyboard.press("z")
    expect(opened.locator(".pl-zoom-label")).not_to_have_text("100%")
    expect(opened.locator(".pl-current .pl-best")).to_be_in_viewport()


def test_a_region_gives_its_text_and_its_picture(opened: Page, server: Running) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    opened.locator(".pl-current .pl-best .pl-box-button").focus()
    opened.keyboard.press("Enter")
    opened.get_by_role("menuitem", name="Copy its text").click()
    expect(opened.locator(".pl-toast")).to_contain_text("Text copied")
    assert "antern" in opened.evaluate("navigator.clipboard.readText()")


def test_hits_are_taken_along(opened: Page) -> None:
    saved: dict[str, bytes] = {}
    for name in (
        "PDF with highlights",
        "PDF of this page",
        "PDF of this document’s pages",
        "Table (CSV)",
        "JSON",
        "Citations (Markdown)",
    ):
        opened.get_by_role("button", name="Export").click()
        with opened.expect_download() as saving:
            opened.get_by_role("menuitem", name=name).click()
        saved[name] = saving.value.path().read_bytes()
    assert saved["PDF with highlights"].startswith(b"%PDF-")
    assert saved["PDF of this document’s pages"].startswith(b"%PDF-")
    assert len(PdfReader(io.BytesIO(saved["PDF of this page"])).pages) == 1
    assert saved["Table (CSV)"].splitlines()[1].startswith(b"1,handbook.pdf,2,")
    assert json.loads(saved["JSON"])["hits"][0]["page"] == 2
    assert "**lantern**" in saved["Citations (Markdown)"].decode()
