"""Files and folders that are dropped on a page, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.conftest import CHROMIUM, HANDBOOK, PATIENCE, Running, ask
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


def held_look(page: Page) -> tuple[Route, APIResponse]:
    """The page looks at the library, and the server's answer is still to be given to it."""
    held: list[tuple[Route, APIResponse]] = []

    def hold_one(route: Route) -> None:
        if held or "list_library" not in (route.request.post_data or ""):
            route.fallback()
        else:
            held.append((route, route.fetch()))

    page.route("**/component_server**", hold_one)
    page.evaluate(_COME_BACK)
    until(lambda: page.wait_for_timeout(20) is None and held)
    return held[0]


def test_of_a_dropped_folder_what_can_be_read_is_taken(fresh: Page, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    headed_pdf(tmp_path / "inner" / "inside.PDF", (("Inside", "The seal sleeps on the rock"),))
    (tmp_path / ".DS_Store").write_text("nothing")
    held: list[Route] = []
    fresh.route(
        "**/component_server**",
        lambda route: (
            held.append(route) if "list_library" in (route.request.post_data or "") else route.continue_()
        ),
    )
    fresh.reload()
    fresh.get_by_role("combobox", name="Search the pages").wait_for()
    devtools = fresh.context.new_cdp_session(fresh)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(tmp_path)], "dragOperationsMask": 1}
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
    fresh.evaluate("new Promise(requestAnimationFrame)")
    fresh.unroute("**/component_server**")  # only now is it told what can be read
    expect(fresh.locator(".pl-job-file")).to_have_count(1, timeout=PATIENCE)
    expect(fresh.locator(".pl-job-file")).to_contain_text("inside.PDF")
    expect(fresh.locator(".pl-job-state")).to_have_text("ready", timeout=PATIENCE)


def test_a_job_that_is_done_at_once_is_told_though_an_older_answer_comes_late(
    fresh: Page, tmp_path: Path
) -> None:
    route, answer = held_look(fresh)
    drop(fresh, headed_pdf(tmp_path / "again.pdf", HANDBOOK))
    state = fresh.locator(".pl-job-file", has_text="again.pdf").locator(".pl-job-state")
    expect(state).to_have_text("already in the library", timeout=PATIENCE)
    with fresh.expect_response(lambda response: "list_library" in (response.request.post_data or "")):
        route.fulfill(response=answer)
    with fresh.expect_response(lambda response: "list_library" in (response.request.post_data or "")):
        fresh.evaluate(_COME_BACK)
    expect(state).to_have_text("already in the library")


def test_a_file_dropped_on_a_fresh_page_is_read(fresh: Page, server: Running, tmp_path: Path) -> None:
    drop(
        fresh,
        headed_pdf(tmp_path / "dropped.pdf", (("Dropped", "The otter, as ever, sleeps on the slipway"),)),
    )
    assert fresh.evaluate("[window.__curtain, window.__kept]") == [True, True]
    expect(fresh.locator(".pl-curtain")).to_be_hidden()
    expect(fresh.locator(".pl-job-file", has_text="dropped.pdf")).to_contain_text("ready", timeout=PATIENCE)
    ask(fresh, server.address, "where does the otter sleep")
    expect(fresh.locator(".pl-card").first).to_contain_text("dropped.pdf")
    expect(fresh.locator(".pl-card").first.locator("mark").first).to_have_text("otter")


def test_who_comes_back_while_the_page_looks_sees_what_is_there_by_then(fresh: Page) -> None:
    route, answer = held_look(fresh)
    fresh.evaluate(_COME_BACK)
    with fresh.expect_request(
        lambda request: "list_library" in (request.post_data or ""),
        timeout=PATIENCE / 6,  # less than an idle page waits
    ):
        route.fulfill(response=answer)
