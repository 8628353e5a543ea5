"""The page viewer: the light follows the words, and stays on its page."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, Running, ask, at_page, viewer_ready

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

#: where the heat map is lit: the hottest rows and columns as shares of the page, and how many pixels
_LIGHT = """() => {
  const canvas = document.querySelector('.pl-current .pl-heat');
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  let lit = 0, x = 0, y = 0, sum = 0;
  for (let i = 3; i < data.length; i += 4) {
    if (data[i] < 40) continue;
    const pixel = (i - 3) / 4;
    lit++; sum += data[i];
    x += data[i] * (pixel % width) / width; y += data[i] * Math.floor(pixel / width) / height;
  }
  return { lit, sum, x: x / (sum || 1), y: y / (sum || 1) };
}"""
#: how far the overlays' edges are from the image's, in CSS pixels
_DRIFT = """() => {
  const image = document.querySelector('.pl-current .pl-page-full').getBoundingClientRect();
  return Math.max(...['.pl-current .pl-heat', '.pl-current .pl-boxes'].flatMap((name) => {
    const other = document.querySelector(name).getBoundingClientRect();
    return ['left', 'top', 'right', 'bottom'].map((edge) => Math.abs(other[edge] - image[edge]));
  }));
}"""


#: what of a page that is looked at and of eight others is asked for, while no picture comes
_ASKED = """async (path) => {
  const { load, LATER, NOW } = await import(path);
  const images = Array.from({ length: 8 }, () => document.body.appendChild(new Image()));
  const looked = new Image();
  const asked = (all) => all.filter((image) => image.getAttribute('src')).length;
  load(looked, '/held/now', NOW);
  images.forEach((image, i) => load(image, `/held/${i}`, LATER));
  const beside = asked(images);
  looked.dispatchEvent(new Event('load'));
  const found = [asked([looked]), beside, asked(images)];
  images.forEach((image) => image.remove());
  return found;
}"""


@pytest.fixture
def opened(page: Page, server: Running) -> Page:
    ask(page, server.address, "emergency telephone")
    at_page(page, 3, of=3)
    return page


def chip(page: Page, word: str) -> object:
    return page.get_by_role("toolbar", name="Words of the query").get_by_role("button", name=word, exact=True)


def test_the_light_lies_on_the_words(opened: Page) -> None:
    light = opened.evaluate(_LIGHT)
    assert light["lit"] > 0
    box = opened.locator(".pl-current .pl-boxes .pl-best").bounding_box()
    page = opened.locator(".pl-current .pl-page-full").bounding_box()
    assert box is not None
    assert page is not None
    centre = (box["y"] + box["height"] / 2 - page["y"]) / page["height"]
    # The heading stands at 0.13 of the page's height, the sentence at 0.33.
    assert min(abs(centre - 0.13), abs(centre - 0.33)) < 0.05


def test_a_chip_changes_the_light_and_all_brings_it_back(opened: Page) -> None:
    everything = opened.evaluate(_LIGHT)
    chip(opened, "telephone").click()  # type: ignore[attr-defined]
    one = opened.evaluate(_LIGHT)
    assert one != everything
    expect(chip(opened, "telephone")).to_have_attribute("aria-pressed", "true")  # type: ignore[arg-type]
    chip(opened, "All").click()  # type: ignore[attr-defined]
    opened.mouse.move(5, 5)
    assert opened.evaluate(_LIGHT) == everything


def test_hovering_a_chip_previews_it(opened: Page) -> None:
    everything = opened.evaluate(_LIGHT)
    chip(opened, "telephone").hover()  # type: ignore[attr-defined]
    preview = opened.evaluate(_LIGHT)
    assert preview != everything
    opened.mouse.move(5, 5)
    assert opened.evaluate(_LIGHT) == everything


def test_zoom_keeps_the_overlay_on_the_image(opened: Page) -> None:
    stage, image = opened.locator(".pl-stage"), opened.locator(".pl-current .pl-page-full")

    def width() -> float:
        box = image.bounding_box()
        assert box
        return box["width"]

    fit = width()
    assert opened.evaluate(_DRIFT) < 1
    opened.get_by_role("button", name="Zoom in").click()
    assert width() == pytest.approx(1.3 * fit, rel=0.03)
    assert opened.evaluate(_DRIFT) < 1
    stage.focus()
    opened.keyboard.press("+")
    assert width() == pytest.approx(1.69 * fit, rel=0.03)
    opened.keyboard.press("-")
    opened.keyboard.press("0")
    assert width() == pytest.approx(fit, abs=1)
    stage.hover()
    opened.keyboard.down("Control")
    opened.mouse.wheel(0, -200)
    opened.keyboard.up("Control")
    expect(opened.locator(".pl-zoom-label")).not_to_have_text("100%")
    assert width() > 1.5 * fit
    assert opened.evaluate(_DRIFT) < 1


def test_a_zoomed_page_is_moved_with_the_mouse(opened: Page) -> None:
    for _ in range(3):
        opened.get_by_role("button", name="Zoom in").click()
    stage = opened.locator(".pl-stage")
    before = stage.evaluate("s => [s.scrollLeft, s.scrollTop]")
    box = stage.bounding_box()
    assert box
    # beside the words, which a mouse selects
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.85
    opened.mouse.move(x, y)
    opened.mouse.down()
    opened.mouse.move(x - 80, y - 60)
    opened.mouse.up()
    after = stage.evaluate("s => [s.scrollLeft, s.scrollTop]")
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((80, 60), abs=2)


def test_boxes_and_opacity(opened: Page) -> None:
    opened.get_by_role("button", name="Hide boxes").click()
    expect(opened.locator(".pl-current .pl-boxes")).to_be_hidden()
    bright = opened.evaluate(_LIGHT)["sum"]
    opened.get_by_role("slider", name="Heat map opacity").fill("30")
    assert opened.evaluate(_LIGHT)["sum"] < bright
    opened.get_by_role("slider", name="Heat map opacity").fill("0")
    assert opened.evaluate(_LIGHT)["lit"] == 0


def test_pages_before_and_after(opened: Page) -> None:
    expect(opened.get_by_role("button", name="Next page")).to_be_disabled()
    opened.get_by_role("button", name="Previous page").click()
    at_page(opened, 2, of=3)
    assert "page=2" in opened.url
    viewer_ready(opened)


def test_the_pdf_opens_at_this_page(opened: Page, server: Running) -> None:
    link = opened.get_by_role("link", name="Open PDF").first
    href = link.get_attribute("href") or ""
    assert re.fullmatch(rf"{server.address}/documents/[0-9a-f]{{64}}/handbook\.pdf#page=3", href)
    answer = opened.request.get(href)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body().startswith(b"%PDF-")


def test_a_citation_names_the_page_and_leads_back(opened: Page, server: Running) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    opened.get_by_role("button", name="Copy citation").click()
    expect(opened.locator(".pl-toast")).to_have_text("Citation copied")
    text = opened.evaluate("navigator.clipboard.readText()")
    assert text.startswith("handbook.pdf, page 3. ")
    opened.goto(text.rsplit(" ", 1)[1])
    viewer_ready(opened)
    at_page(opened, 3, of=3)


def test_the_page_is_saved_as_it_is_lit(opened: Page) -> None:
    with opened.expect_download() as saving:
        opened.get_by_role("button", name="Download page image").click()
    assert saving.value.suggested_filename == "handbook.pdf page 3.png"
    with Image.open(io.BytesIO(saving.value.path().read_bytes())) as image:
        colours = image.convert("RGB").resize((200, 280)).getcolors(maxcolors=60_000) or []
    # A black and white page; only the light has colour.
    assert any(red - blue > 60 for _, (red, _, blue) in colours)


def test_why_this_page_names_each_word_its_place_and_its_share(opened: Page) -> None:
    opened.get_by_role("button", name="Why this page").click()
    rows = opened.locator(".pl-why-row")
    expect(rows.filter(has_text="telephone").first).to_contain_text("%")
    shares = [int(text.strip(" %\u00a0")) for text in opened.locator(".pl-why-share").all_text_contents()]
    assert sum(shares) == pytest.approx(100, abs=len(shares))
    rows.filter(has_text="telephone").first.click()
    expect(opened.locator(".pl-spot")).to_be_attached()
    opened.locator(".pl-stage").focus()
    opened.keyboard.press("Escape")
    expect(opened.locator(".pl-why")).to_be_hidden()


def test_a_page_that_is_looked_at_comes_before_other_pictures(page: Page, server: Running) -> None:
    page.route("**/held/*", lambda _: None)
    page.goto(server.address)
    # A module of its own: nothing else is on its way in it.
    assert page.evaluate(_ASKED, "/static/pagelight/own/pictures.js") == [1, 1, 3]


def test_pictures_of_the_hidden_library_are_not_fetched(page: Page, server: Running) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: "w=160" in request.url and fetched.append(request.url))
    page.goto(server.address)
    expect(page.locator(".pl-cover img").first).to_have_js_property("complete", True)
    assert fetched == []
    page.get_by_role("tab", name="Library").click()
    expect(page.locator(".pl-row-thumb img").first).to_have_attribute("src", re.compile("w=160"))
