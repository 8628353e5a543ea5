"""A telephone: one column, no sideways scrolling, and a found page comes to the reader."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, PATIENCE, Running, viewer_ready
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

_SHEETS_WIDTH = "document.querySelector('.pl-sheets').getBoundingClientRect().width"
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
    expect(phone.get_by_role("combobox", name="Search the pages")).to_be_in_viewport()


def test_the_library_fits(phone: Page, server: Running) -> None:
    phone.goto(server.address)
    phone.get_by_role("tab", name="Library").click()
    expect(phone.locator(".pl-table tbody tr").first).to_be_visible(timeout=PATIENCE)
    assert phone.evaluate(_SIDEWAYS) == 0
    zone = phone.locator(".pl-dropzone")
    expect(zone).to_contain_text("Add documents")  # fingers drop nothing
    expect(zone).not_to_contain_text("Drop")
    names = phone.locator(".pl-table .pl-document-name")
    before = names.all_text_contents()
    phone.get_by_role("button", name="Reverse the order").click()
    expect(names).to_have_text([*reversed(before)])
    phone.get_by_role("checkbox", name="Select ledger.pdf").check()
    phone.get_by_role("button", name="Select all").click()
    expect(phone.get_by_text("2 selected")).to_be_visible()
    phone.get_by_role("button", name="Select none").click()
    phone.get_by_role("button", name="Delete ledger.pdf").click()
    expect(phone.get_by_role("dialog")).to_be_in_viewport()
    phone.get_by_role("button", name="Keep it").click()


def within(phone: Page, selector: str) -> bool:
    """Whether all of an element lies between the left and the right edge of the screen."""
    box = phone.locator(selector).bounding_box()
    width = phone.viewport_size["width"] if phone.viewport_size else 0
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


@pytest.mark.parametrize(("width", "widest"), [(390, 901), (768, 901)])
def test_print_is_as_large_as_it_is_read_well(phone: Page, server: Running, width: int, widest: int) -> None:
    """The page grows around its match on a telephone, and on a tablet no further than to a desk's size."""
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto(f"{server.address}/?q=when+is+the+lantern+lit")
    viewer_ready(phone)
    phone.locator(".pl-card").first.click()
    sheets = phone.locator(".pl-sheets")
    until(
        lambda: (
            phone.wait_for_timeout(20) is None and (sheets.bounding_box() or {"width": 0})["width"] > width
        )
    )
    box = sheets.bounding_box()
    assert box is not None
    assert box["width"] <= widest


@pytest.mark.parametrize("width", [320, 390])
def test_a_line_over_the_whole_page_is_read_along_and_not_shrunk(
    phone: Page, server: Running, width: int
) -> None:
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto(f"{server.address}/?q=the+keeper+writes+the+weather+into+the+log+book")
    viewer_ready(phone)
    phone.locator(".pl-card").first.click()
    until(lambda: phone.wait_for_timeout(20) is None and phone.evaluate(_SHEETS_WIDTH) > 890)
    phone.wait_for_timeout(100)  # the frame in which it is brought into view
    match = phone.locator(".pl-current .pl-box").first.bounding_box()
    assert match is not None
    assert match["width"] > width
    assert 0 <= match["x"] < width / 2, "its beginning is seen"


def test_the_tools_of_the_page_leave_room_for_it(phone: Page, server: Running) -> None:
    phone.set_viewport_size({"width": 320, "height": 700})
    phone.goto(f"{server.address}/?q=when+does+the+keeper+write+the+weather+into+the+log+book")
    viewer_ready(phone)
    tools = phone.locator(".pl-viewer-tools").bounding_box()
    assert tools is not None
    assert tools["height"] < 100


def test_on_a_small_desk_the_foot_of_the_page_is_one_row(page: Page, server: Running) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{server.address}/?q=lantern")
    viewer_ready(page)
    foot = page.locator(".pl-viewer-foot").bounding_box()
    assert foot is not None
    assert foot["height"] < 60
    expect(page.get_by_role("group", name="Is this the right page?")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_cut_off_at_the_edge(phone: Page, server: Running, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto(f"{server.address}/?q=lantern")
    phone.locator(".pl-results-tools .pl-menu-button").click()
    assert within(phone, ".pl-results-tools .pl-menu")
    phone.keyboard.press("Escape")
    phone.get_by_role("tab", name="Library").click()
    expect(phone.locator(".pl-table tbody tr").first).to_be_visible()
    # it is there from nine documents on
    phone.evaluate("document.querySelector('.pl-documents input[type=search]').hidden = false")
    assert within(phone, ".pl-documents > header input")
    assert within(phone, ".pl-documents > header .pl-sorter")
    assert within(phone, ".pl-help-button")
    assert phone.evaluate("document.querySelector('.pl-header').clientHeight") < 60, "one row"
    phone.get_by_role("button", name="Keyboard and help").click()
    expect(phone.get_by_role("dialog")).to_be_in_viewport()
    # what helps without a keyboard is seen first
    expect(phone.get_by_text("Quotes mean the phrase")).to_be_in_viewport(ratio=1)


def test_days_are_whole_in_the_filter_of_the_smallest_telephone(phone: Page, server: Running) -> None:
    phone.set_viewport_size({"width": 320, "height": 700})
    phone.goto(f"{server.address}/?q=lantern")
    phone.get_by_role("button", name="All documents").click()
    expect(phone.locator(".pl-facet-popup")).to_be_visible()
    days = phone.locator(".pl-facet-days input:visible").all()
    assert days
    for day in days:
        box = day.bounding_box()
        assert box is not None
        assert box["width"] > 150, "a date with its button takes so much"


def test_where_nothing_matches_no_more_is_offered(phone: Page, server: Running) -> None:
    phone.goto(f"{server.address}/?q=the+velvet+trombone+and+the+penguins")
    expect(phone.get_by_role("heading", name="Nothing here matches")).to_be_visible(timeout=PATIENCE)
    expect(phone.locator(".pl-more")).to_be_hidden()
