"""What has to work on a page that was just opened, whatever tab was visited: files, history, what can be undone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import CHROMIUM, PATIENCE, Running, ask, at_page
from tests.e2e.dropping import drop
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]

#: as one does who was at another window: the page looks at once
_COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
MANY = 300


def long_pdf(path: Path) -> Path:
    return headed_pdf(path, tuple((f"{path.stem} {n}", f"Storm warning number {n}") for n in range(MANY)))


def test_the_hint_and_the_header_move_without_a_visit_to_the_library(
    fresh: Page, server: Running, tmp_path: Path
) -> None:
    server.service.add([long_pdf(tmp_path / "moving.pdf")])
    fresh.evaluate(_COME_BACK)
    hint = fresh.locator(".pl-hint")
    expect(hint).to_contain_text("Still reading", timeout=PATIENCE)
    seen: set[str] = set()
    until(lambda: seen.add(hint.inner_text()) or len({text for text in seen if "of 300" in text}) >= 3)
    expect(fresh.locator(".pl-activity")).to_contain_text(re.compile(r"Reading \d+ of 300"))


def test_every_search_page_and_tab_is_an_entry_of_the_history(fresh: Page, server: Running) -> None:
    box = fresh.get_by_role("combobox", name="Search the pages")
    box.fill("when is the lantern lit")
    box.press("Enter")
    at_page(fresh, 2, of=3)
    expect(fresh).to_have_title("“when is the lantern lit” · handbook.pdf, page 2 · Pagelight")
    fresh.get_by_role("button", name="Next page").click()
    at_page(fresh, 3, of=3)
    fresh.get_by_role("tab", name="Library").click()
    expect(fresh).to_have_title("Library · Pagelight")
    assert fresh.url.endswith("?tab=library")
    fresh.reload()
    expect(fresh.get_by_text("Drop documents here")).to_be_visible()
    fresh.go_back()
    at_page(fresh, 3, of=3)
    fresh.go_back()
    at_page(fresh, 2, of=3)
    expect(box).to_have_value("when is the lantern lit")
    fresh.go_back()
    expect(fresh.get_by_role("heading", name="Ask your documents")).to_be_visible()
    expect(fresh).to_have_title("Pagelight")
    fresh.go_forward()
    at_page(fresh, 2, of=3)
    assert fresh.url.startswith(f"{server.address}/?q=")


def test_escape_in_the_box_keeps_the_results(page: Page, server: Running) -> None:
    ask(page, server.address, "when is the lantern lit")
    box = page.get_by_role("combobox", name="Search the pages")
    box.fill("something els")
    box.press("Escape")
    expect(box).to_have_value("when is the lantern lit")
    box.fill("")
    box.press("Escape")
    expect(page.locator(".pl-card").first).to_be_visible()
    at_page(page, 2, of=3)


def test_a_cancelled_document_goes_on_by_one_click(fresh: Page, server: Running, tmp_path: Path) -> None:
    job = server.service.add([long_pdf(tmp_path / "undone.pdf")])
    until(lambda: job.status.pages_done >= 1)
    fresh.get_by_role("tab", name="Library").click()
    fresh.get_by_role("button", name="Cancel", exact=True).click()
    expect(fresh.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=PATIENCE)
    fresh.get_by_role("button", name="Resume", exact=True).click()
    expect(fresh.locator(".pl-job-running")).to_contain_text("undone.pdf", timeout=PATIENCE)
    (document,) = (d for d in server.service.documents() if d.name == "undone.pdf")
    assert document.pages_indexed >= 1
    expect(fresh.locator(".pl-job")).to_have_count(1)


def test_what_was_deleted_keeps_none_of_a_jobs_other_files_from_going_on(
    fresh: Page, server: Running, tmp_path: Path
) -> None:
    server.service.add([long_pdf(tmp_path / "gone.pdf"), long_pdf(tmp_path / "rest.pdf")])
    fresh.get_by_role("tab", name="Library").click()
    fresh.get_by_role("button", name="Cancel", exact=True).click()
    expect(fresh.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=PATIENCE)
    # there is a button for that: no word of adding it again
    expect(fresh.locator(".pl-job-file", has_text="rest.pdf").locator(".pl-job-state")).to_have_text(
        "cancelled"
    )
    expect(fresh.locator(".pl-table tr", has_text="rest.pdf").locator(".pl-reason")).to_have_count(0)
    fresh.get_by_role("button", name="Delete gone.pdf").click()
    fresh.get_by_role("button", name="Delete", exact=True).click()
    expect(fresh.get_by_role("button", name="Delete gone.pdf")).to_have_count(0)
    fresh.get_by_role("button", name="Resume", exact=True).click()
    expect(fresh.locator(".pl-job-running")).to_contain_text("rest.pdf", timeout=PATIENCE)
    # and where nothing is left of a job, nothing is offered
    fresh.get_by_role("button", name="Delete rest.pdf").click()
    fresh.get_by_role("button", name="Delete", exact=True).click()
    expect(fresh.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=PATIENCE)
    expect(fresh.locator(".pl-job").get_by_role("button", name=re.compile("Resume|Retry"))).to_have_count(0)


def test_files_that_could_not_be_sent_are_told_from_those_that_were(
    fresh: Page, server: Running, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.pdf"
    empty.touch()
    good = headed_pdf(tmp_path / "good.pdf", (("Good", "This one is fine"),))
    fresh.locator(".pl-chooser").set_input_files([str(empty), str(good)])
    expect(fresh.get_by_role("heading", name="1 file was not added")).to_be_visible(timeout=PATIENCE)
    expect(fresh.locator(".pl-job-file", has_text="good.pdf")).to_contain_text("ready", timeout=PATIENCE)


def test_one_file_of_a_job_is_cancelled_alone(fresh: Page, server: Running, tmp_path: Path) -> None:
    server.service.add([long_pdf(tmp_path / "stays.pdf"), long_pdf(tmp_path / "goes.pdf")])
    fresh.get_by_role("tab", name="Library").click()
    fresh.get_by_role("button", name="Cancel goes.pdf").click()
    expect(fresh.locator(".pl-job-file", has_text="goes.pdf")).to_contain_text(re.compile("cancelled", re.I))
    (job,) = server.service.active_jobs()
    assert [file.state for file in job.status.files] == ["running", "cancelled"]
    expect(fresh.locator(".pl-toast")).to_contain_text("Cancelled goes.pdf")
    expect(fresh.locator(".pl-toast").get_by_role("button", name="Undo")).to_be_visible()


def test_a_refused_file_stays_in_the_table_until_it_is_dismissed(
    fresh: Page, server: Running, tmp_path: Path
) -> None:
    (tmp_path / "notes.pdf").write_text("a shopping list")
    drop(fresh, tmp_path / "notes.pdf")
    row = fresh.locator(".pl-table tbody tr", has_text="notes.pdf")
    expect(row).to_contain_text("not added", timeout=PATIENCE)
    fresh.reload()
    expect(row).to_contain_text("not added", timeout=PATIENCE)
    expect(fresh.locator(".pl-job")).to_contain_text("notes.pdf")
    row.get_by_role("button", name="Dismiss notes.pdf").click()
    expect(row).to_have_count(0)
    fresh.reload()
    expect(fresh.get_by_role("button", name="Delete handbook.pdf")).to_be_visible()
    expect(row).to_have_count(0)


def test_what_was_said_of_a_page_is_taken_back(page: Page, server: Running) -> None:
    ask(page, server.address, "tickets on the northern route")
    yes = page.get_by_role("button", name="Yes, this page answers it")
    yes.click()
    until(lambda: any(j.query == "tickets on the northern route" for j in server.service.judgements()))
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "false")
    until(lambda: not any(j.query == "tickets on the northern route" for j in server.service.judgements()))


def test_cards_fall_in_strength_and_have_one_cut(page: Page, server: Running) -> None:
    ask(page, server.address, "the keeper writes the wages of the deck crew into the log")
    widths = page.locator(".pl-card .pl-bar i").evaluate_all(
        "bars => bars.map((bar) => parseFloat(bar.style.width))"
    )
    by_page = page.locator(".pl-views").get_by_role("button", name="Pages")
    if by_page.is_visible():
        by_page.click()
        widths = page.locator(".pl-card .pl-bar i").evaluate_all(
            "bars => bars.map((bar) => parseFloat(bar.style.width))"
        )
    assert len(widths) >= 2
    assert widths == sorted(widths, reverse=True)
    expect(page.locator(".pl-nearest")).to_have_count(1)


def test_stop_words_are_no_chips(page: Page, server: Running) -> None:
    ask(page, server.address, "when is the lantern lit")
    expect(page.locator(".pl-chips .pl-chip")).to_have_text(["All", "lantern", "lit"])


def test_what_is_typed_before_the_library_is_known_is_asked(page: Page, server: Running) -> None:
    held: list[Route] = []
    typed = False
    page.route("**/component_server**", lambda route: route.continue_() if typed else held.append(route))
    page.goto(server.address)
    box = page.get_by_role("combobox", name="Search the pages")
    box.fill("when is the lantern lit")
    until(lambda: page.wait_for_timeout(20) is None and held)
    typed = True
    for route in held:
        route.continue_()
    expect(page.locator(".pl-shelf").first).to_be_visible()
    expect(box).to_have_value("when is the lantern lit")
    box.press("Enter")
    at_page(page, 2, of=3)


def test_an_address_of_a_document_alone_opens_it(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?document=ledger.pdf")
    at_page(page, 1, of=2)
    expect(page.locator(".pl-viewer-title")).to_have_text("ledger.pdf")
    page.goto(f"{server.address}/?document=ledger.pdf&page=99")
    at_page(page, 2, of=2)
    expect(page.locator(".pl-toast")).to_have_text("There is no page 99 in ledger.pdf; its last is page 2.")
    page.goto(f"{server.address}/?q=lantern&document=gone.pdf")
    expect(page.locator(".pl-toast")).to_have_text("No document “gone.pdf” in the library.")


def test_what_is_folded_away_is_not_exported(page: Page, server: Running) -> None:
    ask(page, server.address, "when is the lantern lit")
    rows = []
    for is_open in (False, True):
        page.locator(".pl-nearest").evaluate("(fold, isOpen) => { fold.open = isOpen; }", is_open)
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Table (CSV)").click()
        rows.append(len(download.value.path().read_text().splitlines()) - 1)
    assert 1 <= rows[0] < rows[1]
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="PDF of this page").click()
    assert download.value.suggested_filename == "when is the lantern lit.pdf"
