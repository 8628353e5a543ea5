"""Folders that are followed, chosen in the browser."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CHROMIUM, PATIENCE, Running
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    pytest.mark.usefixtures("same_library_afterwards"),
]


@pytest.fixture
def folder(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a document that nobody writes to any more, in the only root."""
    settings = dataclasses.replace(server.service.settings, watch_in=str(tmp_path))
    monkeypatch.setattr(server.service, "settings", settings)
    folder = tmp_path / "reports"
    folder.mkdir()
    path = headed_pdf(folder / "tides.pdf", (("Tides", "High water is at noon"),))
    os.utime(path, ns=(0, time.time_ns() - 60 * 10**9))
    yield folder
    for one in server.service.followed_folders:
        server.service.unfollow(one.folder)


def test_a_folder_is_followed_and_let_go_and_its_documents_stay(
    page: Page, server: Running, folder: Path
) -> None:
    page.goto(f"{server.address}/?tab=library")
    page.get_by_role("button", name="Follow a folder…").click()
    field = page.get_by_role("textbox", name="Folder to follow")
    expect(field).to_have_value(f"{folder.parent}/")
    field.fill("/etc")
    field.press("Enter")
    expect(page.locator(".pl-toast")).to_contain_text(
        f"Only folders in these can be followed: {folder.parent}."
    )
    field.fill(str(folder))
    field.press("Enter")
    rows = page.get_by_role("list", name="Followed folders").get_by_role("listitem")
    expect(rows).to_have_text([f"Follows {folder}"])
    expect(field).to_be_hidden()
    document = page.locator(".pl-table tr", has_text="tides.pdf")
    expect(document).to_contain_text("ready", timeout=PATIENCE)
    page.reload()
    page.get_by_role("button", name=f"Follow {folder} no longer").click()
    expect(rows).to_have_count(0)
    assert server.service.followed_folders == ()
    expect(document).to_be_visible()
    page.locator(".pl-toast").get_by_role("button", name="Undo").click()
    expect(rows).to_have_text([f"Follows {folder}"])
    until(lambda: len(server.service.followed_folders) == 1)


def test_without_a_root_nothing_can_be_chosen(page: Page, server: Running) -> None:
    page.goto(f"{server.address}/?tab=library")
    expect(page.get_by_role("button", name="Delete handbook.pdf")).to_be_visible()
    expect(page.get_by_role("button", name="Follow a folder…")).to_be_hidden()
    expect(page.get_by_text("start Pagelight with --watch-in FOLDER")).to_be_visible()
