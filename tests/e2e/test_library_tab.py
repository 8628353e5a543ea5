"""Adding documents, watching them being read, and deleting them."""

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
    HOSTILE,
    LIMIT_MB,
    PATIENCE,
    Running,
    ask,
    index,
)
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]


@pytest.fixture
def library(page: Page, server: Running) -> Page:
    page.goto(server.address)
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_text("Drop documents here")).to_be_visible(timeout=PATIENCE)
    return page


def choose(page: Page, *files: Path) -> None:
    page.locator(".pl-chooser").set_input_files([str(file) for file in files])


#: pages of a document that is still being read when a test has looked at everything; its job is cancelled afterwards
MANY = 300


def long_pdf(folder: Path, name: str) -> Path:
    return headed_pdf(
        folder / name,
        tuple((f"{name} {number}", f"Storm warning number {number}") for number in range(MANY)),
    )


def row(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(".pl-table tbody tr", has_text=name)


def file_state(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(".pl-job-file", has_text=name).locator(".pl-job-state")


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
    library.get_by_role("searchbox", name="Search the pages").fill("when is the lantern lit")
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


def test_a_hostile_file_name_is_shown_literally(library: Page, server: Running, tmp_path: Path) -> None:
    # The slash of a closing tag cannot be in a file name; everything else can.
    choose(
        library, headed_pdf(tmp_path / f"{HOSTILE}.pdf", (("Parrot", "The parrot of the harbour master"),))
    )
    expect(file_state(library, "window.__ran")).to_have_text("ready", timeout=PATIENCE)
    names = [document.name for document in server.service.documents()]
    name = next(name for name in names if "window.__ran" in name)
    expect(row(library, name)).to_be_visible()
    ask(library, server.address, "parrot of the harbour master")
    expect(library.locator(".pl-viewer-title")).to_have_text(name)
    library.reload()
    expect(library.locator(".pl-viewer-title")).to_have_text(name, timeout=PATIENCE)
    assert library.evaluate("window.__ran") is None


def test_deleting_asks_first_and_then_removes_everything(
    library: Page, server: Running, tmp_path: Path
) -> None:
    index(
        server.service,
        [(headed_pdf(tmp_path / "doomed.pdf", (("Doomed", "Walrus timetable"),)), "doomed.pdf")],
    )
    (document_id,) = (d.document_id for d in server.service.documents() if d.name == "doomed.pdf")
    addresses = [
        f"{server.address}/pages/{document_id}/1.webp",
        f"{server.address}/documents/{document_id}.pdf",
    ]
    ask(library, server.address, "walrus timetable")
    expect(library.locator(".pl-card").first).to_contain_text("doomed.pdf")
    assert [library.request.get(address).status for address in addresses] == [200, 200]
    library.get_by_role("tab", name="Library").click()
    library.get_by_role("button", name="Delete doomed.pdf").click()
    dialog = library.get_by_role("dialog")
    expect(dialog).to_contain_text("doomed.pdf")
    dialog.get_by_role("button", name="Keep it").click()
    expect(row(library, "doomed.pdf")).to_be_visible()
    library.get_by_role("button", name="Delete doomed.pdf").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(row(library, "doomed.pdf")).to_have_count(0, timeout=PATIENCE)
    expect(library.get_by_role("button", name="Undo")).to_be_focused()
    library.keyboard.press("Enter")
    expect(row(library, "doomed.pdf")).to_be_visible()
    library.get_by_role("button", name="Delete doomed.pdf").click()
    library.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(row(library, "doomed.pdf")).to_have_count(0, timeout=PATIENCE)
    assert [library.request.get(address).status for address in addresses] == [404, 404]
    library.get_by_role("tab", name="Search").click()
    expect(library.locator(".pl-card", has_text="doomed.pdf")).to_have_count(0, timeout=PATIENCE)


def names_in_order(page: Page) -> list[str]:
    return page.locator(".pl-table tbody .pl-document-name").all_text_contents()


def test_documents_are_sorted_tagged_many_at_once_and_renamed(library: Page, server: Running) -> None:
    expect(row(library, "ledger.pdf")).to_be_visible()
    expect(library.get_by_role("columnheader", name="Added")).to_have_attribute("aria-sort", "descending")
    library.get_by_role("columnheader", name="Pages").get_by_role("button").click()
    assert names_in_order(library) == ["handbook.pdf", "ledger.pdf"]
    expect(library.get_by_role("columnheader", name="Pages")).to_have_attribute("aria-sort", "descending")
    library.get_by_role("columnheader", name="Pages").get_by_role("button").click()
    assert names_in_order(library) == ["ledger.pdf", "handbook.pdf"]
    library.get_by_role("checkbox", name="Select all").check()
    expect(library.get_by_text("2 selected")).to_be_visible()
    library.locator(".pl-bulk").get_by_role("combobox", name="Tags").fill("harbour, 2026")
    library.keyboard.press("Enter")
    expect(row(library, "ledger.pdf").locator(".pl-tag")).to_have_text(["2026", "harbour"])
    assert server.service.tags() == {"2026": 2, "harbour": 2}
    library.locator(".pl-bulk").get_by_role("combobox", name="Tags").fill("2026")
    library.get_by_role("button", name="Remove tags").click()
    expect(row(library, "ledger.pdf").locator(".pl-tag")).to_have_text(["harbour"])
    library.get_by_role("button", name="Details of ledger.pdf").click()
    dialog = library.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="Name")).to_be_focused()
    dialog.get_by_role("textbox", name="Name").fill("crossings.pdf")
    dialog.get_by_role("combobox", name="Tags").fill("")
    library.keyboard.press("Enter")
    expect(row(library, "crossings.pdf")).to_be_visible()
    expect(row(library, "crossings.pdf").locator(".pl-tag")).to_have_count(0)
    ledger = server.service.find_document("crossings.pdf").document_id
    server.service.rename(ledger, "ledger.pdf")
    server.service.set_tags(server.service.find_document("handbook.pdf").document_id, [])


def test_of_many_documents_the_first_are_drawn_and_all_are_ticked(page: Page, server: Running) -> None:
    def multiplied(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        for one in found.get("documents", [])[:1]:
            found["documents"] = [
                {**one, "document": f"letter {n}.pdf", "document_id": f"{n:064x}"} for n in range(250)
            ]
        found["followed"] = [
            {"folder": "/srv/reports", "trouble": ""},
            {
                "folder": "/mnt/drive",
                "trouble": "/mnt/drive is gone; its documents stay until it has files again.",
            },
        ]
        route.fulfill(response=answer, json=found)

    page.route("**/component_server**", multiplied)
    page.route("**/pages/**", lambda route: route.fulfill(status=200, content_type="image/webp", body=b""))
    page.goto(f"{server.address}/?tab=library")
    rows = page.locator(".pl-table tbody tr")
    expect(rows).to_have_count(100)
    expect(page.get_by_role("list", name="Followed folders").get_by_role("listitem")).to_have_text(
        ["Follows /srv/reports", "/mnt/drive is gone; its documents stay until it has files again."]
    )
    page.get_by_role("checkbox", name="Select all").check()
    expect(page.get_by_text("250 selected")).to_be_visible()
    page.get_by_role("button", name="and 150 more documents").click()
    expect(rows).to_have_count(200)
    page.get_by_role("searchbox", name="Find a document or tag").fill("letter 249")
    expect(rows).to_have_count(1)
