"""A page, a piece of one, or a picture in place of a question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Running, at_page, viewer_ready

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


def test_similar_pages_of_the_one_that_is_open_and_back(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?document=ledger.pdf&page=1")
    viewer_ready(page)
    page.get_by_role("button", name="Similar pages").click()
    expect(page.locator(".pl-like")).to_contain_text("Like page 1 of ledger.pdf")
    # in a library of five pages none is clearly like another; the nearest are shown all the same
    nearest = page.locator(".pl-card:visible").first
    expect(nearest).to_have_attribute("aria-label", re.compile("ledger.pdf, page 2"))
    nearest.click()
    at_page(page, 2, of=2)
    expect(page.locator(".pl-current .pl-box").first).to_be_attached()
    assert "like=ledger.pdf&like_page=1" in page.url
    page.reload()
    expect(page.locator(".pl-like")).to_contain_text("Like page 1 of ledger.pdf")
    at_page(page, 2, of=2)
    page.goto(f"{server.address}/?document=ledger.pdf&page=1")
    expect(page.locator(".pl-like")).to_have_count(0)
    at_page(page, 1, of=2)


def test_a_box_drawn_on_a_page_asks_for_more_like_it(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?document=ledger.pdf&page=1")
    viewer_ready(page)
    page.get_by_role("button", name="Draw a box to search with").click()
    sheet = page.locator(".pl-current").bounding_box()
    assert sheet
    page.mouse.move(sheet["x"] + 0.05 * sheet["width"], sheet["y"] + 0.08 * sheet["height"])
    page.mouse.down()
    page.mouse.move(sheet["x"] + 0.95 * sheet["width"], sheet["y"] + 0.2 * sheet["height"], steps=4)
    page.mouse.up()
    page.get_by_role("menuitem", name="More like this").click()
    expect(page.locator(".pl-like")).to_contain_text("Like a place on page 1 of ledger.pdf")
    expect(page).to_have_url(re.compile("box="))
    box = re.search(r"box=([\d.%C]+)", page.url)
    assert box
    edges = [float(edge) for edge in box[1].split("%2C")]
    assert edges == pytest.approx([0.05, 0.08, 0.95, 0.2], abs=0.02)
    expect(page.locator(".pl-card").first).to_be_attached()


def test_a_picture_in_the_box_finds_the_page_that_it_shows(
    page: Page, server: Running, tmp_path: Path
) -> None:
    handbook = server.service.find_document("handbook.pdf").document_id
    shot = tmp_path / "shot.webp"
    shot.write_bytes(server.service.page_image(handbook, 3, 900))
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").wait_for()
    page.locator(".pl-ask input[type=file]").set_input_files(str(shot))
    expect(page.locator(".pl-like")).to_contain_text("Like the picture shot.webp")
    expect(page.locator(".pl-card").first).to_contain_text("handbook.pdf")
    at_page(page, 3, of=3)
    page.reload()
    expect(page.locator(".pl-like")).to_contain_text("Like the picture shot.webp")
    at_page(page, 3, of=3)
    page.go_back()
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()
    page.go_forward()
    at_page(page, 3, of=3)
    page.get_by_role("button", name="Search for something else").click()
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


#: gives the page a picture as the clipboard or a file manager would
GIVE = """
async ([address, kind]) => {
  const picture = await (await fetch(address)).blob();
  const transfer = new DataTransfer();
  transfer.items.add(new File([picture], 'shot.webp', { type: 'image/webp' }));
  const box = document.querySelector('.pl-ask-input');
  const options = { bubbles: true, cancelable: true };
  const event = kind === 'paste' ? new ClipboardEvent('paste', { ...options, clipboardData: transfer })
    : new DragEvent('drop', { ...options, dataTransfer: transfer });
  if (kind === 'drop') for (const before of ['dragenter', 'dragover']) box.dispatchEvent(new DragEvent(before, { ...options, dataTransfer: transfer }));
  box.dispatchEvent(event);
}
"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_that_is_pasted_or_dropped_is_the_query(page: Page, server: Running, kind: str) -> None:
    handbook = server.service.find_document("handbook.pdf").document_id
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").wait_for()
    page.evaluate(GIVE, [f"{server.address}/pages/{handbook}/3.webp?w=900", kind])
    expect(page.locator(".pl-like")).to_contain_text("Like the picture shot.webp")
    expect(page.locator(".pl-card").first).to_contain_text("handbook.pdf")


def test_what_is_like_a_picture_is_explained_and_taken_along(page: Page, server: Running) -> None:
    handbook = server.service.find_document("handbook.pdf").document_id
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").wait_for()
    page.evaluate(GIVE, [f"{server.address}/pages/{handbook}/3.webp?w=900", "paste"])
    viewer_ready(page)
    page.get_by_role("button", name="Why this page").click()
    expect(page.locator(".pl-why-row").first).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saving:
        page.get_by_role("menuitem", name="PDF with highlights").click()
    assert Path(saving.value.path()).read_bytes().startswith(b"%PDF")
