"""Asking, and going through what was found."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, HOSTILE, PATIENCE, Running, ask, at_page, viewer_ready
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


#: words of both documents
BOTH = "ferry ledger lighthouse handbook"


def test_enter_searches_and_a_reload_restores(page: Page, server: Running) -> None:
    ask(page, server.address, "when is the lantern lit")
    expect(page.locator(".pl-card").first).to_contain_text("handbook.pdf")
    at_page(page, 2, of=3)
    assert "?q=when+is+the+lantern+lit&document=handbook.pdf&page=2" in page.url
    page.reload()
    viewer_ready(page)
    expect(page.get_by_role("combobox", name="Search the pages")).to_have_value("when is the lantern lit")
    at_page(page, 2, of=3)


def test_a_deep_link_opens_its_page_and_not_the_best_one(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?q=lantern&document=ledger.pdf&page=2")
    viewer_ready(page)
    expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
    at_page(page, 2, of=2)


def test_a_deep_link_to_a_document_that_is_gone_says_so(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?document=gone.pdf&page=1")
    expect(page.locator(".pl-toast")).to_contain_text("gone.pdf")
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


def test_cards_show_place_page_strength_and_source(page: Page, server: Running) -> None:
    ask(page, server.address, "emergency telephone")
    best = page.locator(".pl-card").first
    expect(best).to_contain_text("handbook.pdf")
    expect(best).to_contain_text("Page 3")
    expect(best.locator(".pl-strength")).to_have_text(re.compile("^(strong|fair)$"))
    expect(best.locator(".pl-source")).to_have_text(
        re.compile(
            "^(in its text|seen on the page|in its text and seen on the page|in its text and by meaning"
            "|in its text, on the page, by meaning)$"
        )
    )
    expect(best.locator(".pl-thumb .pl-box").first).to_be_visible()


def test_a_click_opens_another_page(page: Page, server: Running) -> None:
    ask(page, server.address, BOTH)
    for name in ("ledger.pdf", "handbook.pdf"):
        page.locator(".pl-card", has_text=name).first.click()
        expect(page.locator(".pl-viewer-title")).to_have_text(name)
        assert f"document={name}" in page.url


def calls(page: Page, name: str) -> list[str]:
    """Bodies of the calls of a server function, from now on."""
    found: list[str] = []
    page.on("request", lambda request: name in (request.post_data or "") and found.append(request.url))
    return found


def test_the_next_cards_are_lit_before_they_are_clicked(page: Page, server: Running) -> None:
    ask(page, server.address, BOTH)
    others = page.locator(".pl-card:not([aria-current])")
    expect(others.first.locator(".pl-thumb .pl-box").first).to_be_attached()
    asked = calls(page, "open_page")
    is_lit = others.first.evaluate(
        "(card) => { card.click(); return !document.querySelector('.pl-current .pl-heat').hidden; }"
    )
    assert is_lit
    viewer_ready(page)
    assert asked == []


def test_the_last_of_many_quick_clicks_is_shown(page: Page, server: Running) -> None:
    page.route(
        "**/component_server**",
        lambda route: (
            route.fulfill(json={"error": "not now"})
            if "light_pages" in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    ask(page, server.address, BOTH)
    page.locator(".pl-views").get_by_role("button", name="Pages").click()
    asked = calls(page, "open_page")
    clicked = page.evaluate(
        "() => { const cards = [...document.querySelectorAll('.pl-card:not([aria-current])')];"
        "cards.forEach((card) => card.click()); return [cards.length, cards.at(-1).getAttribute('aria-label')]; }"
    )
    viewer_ready(page)
    number, label = clicked
    document, at = re.findall(r": (\S+), page (\d+),", label)[0]
    expect(page.locator(".pl-viewer-title")).to_have_text(document)
    expect(page.get_by_role("textbox", name="Jump to page")).to_have_value(at)
    assert number >= 4
    assert len(asked) == 3  # two at once, and the newest of the others


def test_arrows_move_between_the_cards_and_enter_goes_to_the_page(page: Page, server: Running) -> None:
    ask(page, server.address, BOTH)
    page.keyboard.press("ArrowDown")
    cards = page.locator(".pl-card")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cards.nth(1)).to_be_focused()
    expect(cards.nth(1)).to_have_attribute("aria-current", "true")
    label = cards.nth(1).get_attribute("aria-label") or ""
    document, number = re.findall(r": (\S+), page (\d+),", label)[0]
    expect(page.locator(".pl-viewer-title")).to_have_text(document)
    expect(page.get_by_role("textbox", name="Jump to page")).to_have_value(number)
    page.keyboard.press("Enter")
    expect(page.locator(".pl-stage")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cards.nth(1)).to_be_focused()


def test_slash_leads_to_the_box_from_either_tab(page: Page, server: Running) -> None:
    page.goto(server.address)
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_text("Drop documents here")).to_be_visible()
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search the pages")
    expect(box).to_be_focused()
    expect(box).to_have_value("")


def test_examples_come_from_the_library_and_search(page: Page, server: Running) -> None:
    page.goto(server.address)
    example = page.locator(".pl-example").first
    text = example.inner_text()
    assert text in server.service.examples()
    assert text.endswith("?")
    example.click()
    viewer_ready(page)
    expect(page.get_by_role("combobox", name="Search the pages")).to_have_value(text)


def test_nothing_matches_is_an_answer_and_weak_pages_wait(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?q=the+velvet+trombone+and+the+penguins")
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    expect(page.locator(".pl-frame > [role=status]")).to_contain_text("Nothing here matches")
    expect(page.locator(".pl-card:visible")).to_have_count(0)
    page.get_by_text("Show the nearest pages anyway").click()
    expect(page.locator(".pl-nearest summary")).to_have_text("The nearest pages")
    page.locator(".pl-card").first.click()
    viewer_ready(page)


def test_a_query_without_any_page_says_so(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?q=velvet+trombone+penguins")
    # weak pages, if any, stay folded away: a chance likeness may differ from one processor to the next
    heading = page.get_by_role("heading", name=re.compile("Nothing (found for|here matches)"))
    expect(heading).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".pl-card:visible")).to_have_count(0)


def test_a_hostile_query_is_text(page: Page, server: Running) -> None:
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.locator(".pl-results")).to_contain_text(HOSTILE)
    page.reload()
    expect(page.locator(".pl-results")).to_contain_text(HOSTILE)
    assert page.evaluate("window.__ran") is None


def test_what_people_say_of_a_page_is_kept(page: Page, server: Running) -> None:
    ask(page, server.address, "weather in the log book")
    yes = page.get_by_role("button", name="Yes, this page answers it")
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "true")
    until(lambda: len(server.service.judgements()) == 1)
    kept = server.service.judgements()[0]
    assert (kept.query, kept.page, kept.relevant) == ("weather in the log book", 1, True)
    page.reload()
    expect(page.get_by_role("button", name="Yes, this page answers it")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_cover_opens_the_document_without_a_question(page: Page, server: Running) -> None:
    page.goto(server.address)
    page.get_by_role("button", name="Open ledger.pdf").click()
    viewer_ready(page)
    expect(page.locator(".pl-chips")).to_be_hidden()
    page.get_by_role("button", name="Next page").click()
    at_page(page, 2, of=2)
    assert page.url.endswith("?document=ledger.pdf&page=2")
    page.get_by_role("button", name="Start page").click()
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


def test_night_and_day_are_remembered(page: Page, server: Running) -> None:
    page.goto(server.address)
    page.get_by_role("button", name="Switch to dark").click()
    paper = "getComputedStyle(document.querySelector('.gradio-container')).backgroundColor"
    assert page.evaluate(paper) == "rgb(25, 23, 20)"
    page.reload()
    expect(page.get_by_role("button", name="Switch to light")).to_be_visible()
    assert page.evaluate(paper) == "rgb(25, 23, 20)"


def test_a_slip_is_read_as_the_librarys_word_and_quotes_take_it_back(page: Page, server: Running) -> None:
    ask(page, server.address, "emergency telehpone")
    expect(page.locator(".pl-read-as")).to_contain_text("Read as “telephone”.")
    at_page(page, 3, of=3)
    page.get_by_role("button", name="Search for “telehpone” as typed").click()
    expect(page.get_by_role("combobox", name="Search the pages")).to_have_value('emergency "telehpone"')
    expect(page.get_by_role("heading", name="Nothing found for")).to_be_visible()
    expect(page.locator(".pl-read-as")).to_be_hidden()


def test_results_as_places_show_each_crop_and_open_there(page: Page, server: Running) -> None:
    ask(page, server.address, "emergency telephone")
    page.get_by_role("button", name="Places", exact=True).click()
    first = page.locator(".pl-place").first
    expect(first.locator(".pl-crop img")).to_have_js_property("complete", True)
    assert first.locator(".pl-crop img").evaluate("image => image.naturalWidth") > 100
    # as the page shows it, not stretched, and with what matched marked
    shape = "image => (image.naturalWidth / image.naturalHeight) / (image.clientWidth / image.clientHeight)"
    assert first.locator(".pl-crop img").evaluate(shape) == pytest.approx(1, abs=0.05)
    mark, crop = first.locator(".pl-crop-mark").bounding_box(), first.locator(".pl-crop img").bounding_box()
    assert mark is not None
    assert crop is not None
    assert crop["y"] - 1 <= mark["y"] < mark["y"] + mark["height"] <= crop["y"] + crop["height"] + 1
    expect(page.locator(".pl-summary")).to_have_text(re.compile(r"\d places?"))
    widths = page.locator(".pl-place .pl-bar i").evaluate_all(
        "bars => bars.map((bar) => parseFloat(bar.style.width))"
    )
    assert widths == sorted(widths, reverse=True)
    first.click()
    at_page(page, 3, of=3)
    page.wait_for_url("**&place=*")  # which a reload, and whoever gets the address, comes to again
    page.reload()
    at_page(page, 3, of=3)
    expect(first).to_have_attribute("aria-current", "true")
    chosen = page.url
    page.go_back()
    at_page(page, 3, of=3)
    assert "place=" not in page.url
    page.go_forward()
    page.wait_for_url(chosen)
    page.locator(".pl-views").get_by_role("button", name="Pages").click()
    expect(page.locator(".pl-place")).to_have_count(0)


def test_a_question_that_is_too_long_is_cut_and_that_is_said(page: Page, server: Running) -> None:
    page.goto(server.address)
    box = page.get_by_role("combobox", name="Search the pages")
    expect(box).to_have_attribute("maxlength", "400")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData('text/plain', 'z'.repeat(10000));
          document.querySelector('.pl-ask-input').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
        }"""
    )
    expect(page.locator(".pl-toast")).to_have_text(
        "A question has room for 400 characters; the rest was left out."
    )
    box.fill("z" * 400)
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Nothing", exact=False).last
    expect(heading).to_be_visible()
    box_of_heading = heading.bounding_box()
    assert box_of_heading is not None
    assert box_of_heading["height"] < 150


def test_what_cannot_be_asked_is_not_offered_again(page: Page, server: Running) -> None:
    page.goto(server.address)
    page.get_by_role("combobox", name="Search the pages").fill("-draft")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("The query only says what to leave out; add what to look for.").first
    ).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
