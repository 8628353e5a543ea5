"""Adding documents, and watching them being read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader, PdfWriter

from pagelight.ingest.office.converter import soffice
from tests.e2e.conftest import (
    CHROMIUM,
    HANDBOOK,
    LIMIT_MB,
    PATIENCE,
    Running,
    choose,
    file_state,
    row,
)
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]

#: pages of a document that is still being read when a test has looked at everything; its job is cancelled afterwards
MANY = 300


def long_pdf(folder: Path, name: str) -> Path:
    return headed_pdf(
        folder / name,
        tuple((f"{name} {number}", f"Storm warning number {number}") for number in range(MANY)),
    )


def pages_read(page: Page) -> int:
    text = page.locator(".pl-job-running header p").inner_text()
    found = re.match(r"(\d+) of \d+ page", text)
    return int(found[1]) if found else 0


def test_types_and_limits_are_said_before_anything_is_chosen(library: Page) -> None:
    kinds = "PDF, Office, e-mail, web pages and pictures" if soffice() else "PDF and pictures"
    expect(library.locator(".pl-limits")).to_have_text(f"{kinds} · up to {LIMIT_MB} MB and 20,000 pages each")


def test_a_documents_name_is_read_in_one_piece(library: Page) -> None:
    # What keeps a long name's extension in sight takes it apart.
    expect(library.get_by_role("button", name="handbook.pdf", exact=True)).to_be_visible()


def test_two_documents_progress_page_by_page_and_can_be_searched_meanwhile(
    library: Page, server: Running, tmp_path: Path
) -> None:
    choose(library, long_pdf(tmp_path, "north.pdf"), long_pdf(tmp_path, "south.pdf"))
    expect(library.get_by_role("heading", name="Reading 2 documents")).to_be_visible(timeout=PATIENCE)
    seen: set[int] = set()
    until(lambda: seen.add(pages_read(library)) or len(seen) >= 3)
    expect(file_state(library, "north.pdf")).to_have_text(re.compile(rf"page \d+ of {MANY}|waiting"))
    library.get_by_role("tab", name="Search").click()
    expect(library.locator(".pl-hint")).to_contain_text("Still reading")
    library.get_by_role("combobox", name="Search the pages").fill("when is the lantern lit")
    library.keyboard.press("Enter")
    expect(library.locator(".pl-card").first).to_contain_text("handbook.pdf", timeout=PATIENCE)
    assert server.service.active_jobs()
    expect(library.locator(".pl-hint")).to_contain_text("These are the results up to here")


def test_pages_are_found_first_and_the_page_says_while_they_are_understood(
    library: Page, server: Running, tmp_path: Path
) -> None:
    file = headed_pdf(
        tmp_path / "deep.pdf",
        tuple((f"Chapter {number}", f"Gulls of cliff {number}") for number in range(8)),
    )
    activity = library.locator(".pl-activity")
    with server.service._turns.taken():  # somebody searches all the time, so that it takes a while
        choose(library, file)
        expect(activity).to_have_text(re.compile(r"Getting deeper: \d+ of \d+ pages"), timeout=PATIENCE)
        assert server.service.search("gulls").hits[0].document == "deep.pdf"
        assert server.service.deepening() is not None
    assert server.service.wait_until_deep(120)
    expect(activity).to_be_hidden(timeout=PATIENCE)


def test_a_job_outlives_its_tab_and_a_new_tab_finds_it(
    library: Page, server: Running, tmp_path: Path
) -> None:
    choose(library, long_pdf(tmp_path, "outlives.pdf"))
    expect(library.locator(".pl-job-running")).to_be_visible(timeout=PATIENCE)
    context = library.context
    library.close()
    (job,) = server.service.active_jobs()
    before = job.status.pages_done
    until(lambda: job.status.pages_done > before)
    again = context.new_page()
    again.goto(server.address)
    again.get_by_role("tab", name="Library").click()
    expect(again.locator(".pl-job-running")).to_contain_text("outlives.pdf", timeout=PATIENCE)


def test_cancel_stops_and_keeps_the_pages_so_far(library: Page, server: Running, tmp_path: Path) -> None:
    choose(library, long_pdf(tmp_path, "cancelled.pdf"))
    until(lambda: library.locator(".pl-job-running").count() > 0 and pages_read(library) >= 1)
    library.get_by_role("button", name="Cancel", exact=True).click()
    expect(library.get_by_role("button", name="Cancelling…")).to_be_disabled()
    expect(library.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=PATIENCE)
    assert not server.service.active_jobs()
    (document,) = (d for d in server.service.documents() if d.name == "cancelled.pdf")
    assert 1 <= document.pages_indexed < MANY
    expect(row(library, "cancelled.pdf")).to_contain_text(f"of {MANY}")


def test_a_newer_version_takes_an_older_ones_place(library: Page, server: Running, tmp_path: Path) -> None:
    older = headed_pdf(tmp_path / "tariff.pdf", (("Tariff", "A bicycle costs 20 crowns"),))
    newer = headed_pdf(tmp_path / "new.pdf", (("Tariff", "A bicycle costs 25 crowns"), ("Rules", "No dogs")))
    choose(library, older)
    expect(file_state(library, "tariff.pdf")).to_have_text("ready", timeout=PATIENCE)
    library.get_by_role("button", name="Details of tariff.pdf").click()
    with library.expect_file_chooser() as chooser:
        library.get_by_role("button", name="Replace by a newer version…").click()
    chooser.value.set_files(newer)
    expect(library.locator(".pl-toast")).to_contain_text("Reading the newer version of tariff.pdf")
    expect(row(library, "tariff.pdf").locator(".pl-cell-pages")).to_have_text(
        ["2"], use_inner_text=True, timeout=PATIENCE
    )
    expect(library.locator(".pl-job")).to_have_count(1)  # a finished card goes when there is a newer one
    assert [d.pages for d in server.service.documents() if d.name == "tariff.pdf"] == [2]


def test_each_refused_file_has_its_reason_and_the_others_carry_on(
    library: Page, tmp_path: Path, server: Running
) -> None:
    same = headed_pdf(tmp_path / "same-again.pdf", HANDBOOK)
    text = tmp_path / "notes.pdf"
    text.write_text("a shopping list")
    corrupt = tmp_path / "corrupt.pdf"
    corrupt.write_bytes(b"%PDF-1.7\n" + bytes(300))
    locked = PdfWriter()
    locked.append(PdfReader(same))
    locked.encrypt("secret")
    encrypted = tmp_path / "encrypted.pdf"
    locked.write(encrypted)
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-1.7\n" + bytes((LIMIT_MB + 1) * 1024 * 1024))
    empty = tmp_path / "empty.pdf"
    empty.touch()
    good = headed_pdf(tmp_path / "good.pdf", (("Good", "This one is fine"),))
    choose(library, same, text, corrupt, encrypted, large, empty, good)
    expect(library.get_by_role("heading", name="Finished, with exceptions")).to_be_visible(timeout=PATIENCE)
    if library.get_by_role("button", name="Show all").count():
        library.get_by_role("button", name="Show all").click()
    expect(file_state(library, "same-again.pdf")).to_have_text("already in the library")
    expect(file_state(library, "notes.pdf")).to_contain_text(re.compile("not a|supported", re.I))
    expect(file_state(library, "corrupt.pdf")).not_to_have_text("failed")
    expect(file_state(library, "encrypted.pdf")).to_contain_text("password")
    expect(file_state(library, "large.pdf")).to_contain_text(f"{LIMIT_MB} MB")
    expect(file_state(library, "empty.pdf")).to_contain_text("empty")
    expect(file_state(library, "good.pdf")).to_have_text("ready")
    shown = library.locator("body").inner_text()
    assert "Traceback" not in shown
    assert ".py" not in shown
    expect(row(library, "encrypted.pdf")).to_contain_text("password")
    # another try would end the same, another file does not
    expect(library.get_by_role("button", name=re.compile("^Retry"))).to_have_count(0)
    with library.expect_file_chooser() as chooser:
        library.get_by_role("button", name="Replace encrypted.pdf by a file that can be read").click()
    chooser.value.set_files(headed_pdf(tmp_path / "open.pdf", (("Open", "Without a password"),)))
    expect(row(library, "encrypted.pdf").locator(".pl-cell-state")).to_have_text(["ready"], timeout=PATIENCE)
    for _ in range(library.locator(".pl-job").count()):
        library.locator(".pl-job").first.get_by_role("button", name="Dismiss", exact=True).click()
    expect(library.locator(".pl-job")).to_have_count(0)
    expect(row(library, "notes.pdf")).to_have_count(0)  # what was read on the card needs no second click


def test_a_file_chosen_before_the_limits_are_known_is_held_against_them(
    page: Page, server: Running, tmp_path: Path
) -> None:
    large = tmp_path / "early.pdf"
    large.write_bytes(b"%PDF-1.7\n" + bytes((LIMIT_MB + 1) * 1024 * 1024))
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "list_library" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/component_server**", hold)
    page.goto(server.address)
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_text("Drop documents here")).to_be_visible(timeout=PATIENCE)
    choose(page, large)
    expect(file_state(page, "early.pdf")).to_have_text("uploading")
    assert held
    page.unroute("**/component_server**")  # lets those that are held go on
    expect(file_state(page, "early.pdf")).to_contain_text(f"{LIMIT_MB} MB")
