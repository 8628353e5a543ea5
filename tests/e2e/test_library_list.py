"""The list of documents: names, tags, order, and deleting."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

import pagelight
from tests.e2e.conftest import (
    CHROMIUM,
    HOSTILE,
    PATIENCE,
    Running,
    ask,
    choose,
    file_state,
    index,
    row,
)
from tests.samples import headed_pdf

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]


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


def test_what_is_known_of_the_library_is_told(library: Page, server: Running) -> None:
    library.get_by_role("button", name="About this library").click()
    dialog = library.get_by_role("dialog", name="About this library")
    expect(
        dialog.get_by_text(pagelight.__version__, exact=True)
    ).to_be_visible()  # the last of what is asked for
    facts = dict(
        zip(dialog.locator("dt").all_inner_texts(), dialog.locator("dd").all_inner_texts(), strict=True)
    )
    n_documents = len(server.service.documents())
    assert facts["Holds"].startswith(f"{n_documents} documents, ")
    assert facts["Model"].startswith("Built in")
    assert server.service.index_config.precision in facts["Kept of a page"]
    assert facts["Folder"] == str(server.service.settings.data)
    assert facts["Scans"] == "Read by the model alone, as it is set"
    assert facts["In the background"]
    assert facts["Version"] == pagelight.__version__
    library.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(library.get_by_role("button", name="About this library")).to_be_focused()


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
    rows.last.scroll_into_view_if_needed()
    expect(page.get_by_role("group", name="With the selected documents")).to_be_in_viewport()
    page.get_by_role("searchbox", name="Find a document or tag").fill("letter 249")
    expect(rows).to_have_count(1)
