"""The page of a library that may only be searched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import CHROMIUM, Running, ask

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]


#: what somebody else added, with a file that was refused
OTHERS_JOB = {
    "job_id": "others",
    "state": "done",
    "pages_done": 1,
    "pages_total": 1,
    "files": [{"name": "secret.pdf", "document_id": None, "state": "failed", "reason": "The file is empty."}],
}


def as_reader(route: Route) -> None:
    """The server's own answer, as it gives it to whoever may only search."""
    answer = route.fetch()
    found = {**answer.json(), "access": "read"}
    if "jobs" in found:
        found["jobs"] = [OTHERS_JOB]
    route.fulfill(response=answer, json=found)


def test_what_is_not_allowed_is_not_shown(page: Page, server: Running) -> None:
    page.route("**/component_server**", as_reader)
    ask(page, server.address, "emergency telephone")
    expect(page.get_by_role("group", name="Is this the right page?")).to_be_hidden()
    page.get_by_role("combobox", name="Search the pages").fill("the velvet trombone and the penguins")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No page in this library answers this. Try other words.")).to_be_visible()
    page.get_by_role("tab", name="Library").click()
    expect(page.locator(".pl-document-name", has_text="ledger.pdf")).to_be_visible()
    expect(page.get_by_text("Drop documents here")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^(Delete|Details)"))).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Select ledger.pdf")).to_have_count(0)
    expect(page.get_by_role("link", name="Open the PDF of ledger.pdf")).to_be_visible()
    expect(page.locator(".pl-jobs")).to_be_hidden()
    page.get_by_role("button", name="About this library").click()
    expect(page.get_by_role("dialog")).to_contain_text("Model")
    page.keyboard.press("Escape")
    expect(page.get_by_text("secret.pdf").filter(visible=True)).to_have_count(0)
