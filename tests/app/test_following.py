"""Folders of the settings are followed while the library is open, and what keeps them from it is told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.app.following import FollowedFolder, Following, checked_folder
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.collections import Collections, seeing
from pagelight.ingest.watch import Change
from pagelight.retrieval.errors import InvalidInput, NotAuthorized, NotFound, StoreUnavailable
from tests import samples
from tests.waiting import until


def settled(path: Path) -> Path:
    """As if it had been written a minute ago."""
    os.utime(path, ns=(0, time.time_ns() - 60 * 10**9))
    return path


def test_settings_name_folders_each_once() -> None:
    settings = Settings(watch=f" {Path.cwd()}/a, {Path.cwd()}/b,,{Path.cwd()}/a")
    assert settings.followed_folders == [Path.cwd() / "a", Path.cwd() / "b"]


def test_an_open_library_follows_the_folders_of_its_settings(tmp_path: Path) -> None:
    folder, gone = tmp_path / "reports", tmp_path / "drive"
    folder.mkdir()
    settled(samples.text_pdf(folder, 1, "a.pdf", "a"))
    settled(samples.text_pdf(folder, 1, "b.pdf", "b"))
    settings = Settings(data=tmp_path / "library", samples=False, watch=f"{folder},{gone}")

    def names() -> list[str]:
        return sorted(document.name for document in service.documents() if document.pages_indexed)

    with Service(settings) as service:
        service.start_in_background()
        until(lambda: names() == ["a.pdf", "b.pdf"], 60)
        (folder / "a.pdf").unlink()
        until(lambda: names() == ["b.pdf"], 60)
        troubles = {one.folder: one.trouble for one in service.followed_folders}
        assert troubles == {folder: "", gone: f"{gone} is gone; its documents stay until it has files again"}


def test_an_error_is_told_and_the_folders_are_followed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pagelight.app.following._AGAIN_SECONDS", 0.05)
    seen: list[tuple[FollowedFolder, ...]] = []

    def watch(folders: object, stop: object) -> Iterator[Change]:
        seen.append(following.folders)
        if len(seen) < 3:
            raise StoreUnavailable("the disk is full") if len(seen) == 1 else OSError("no more watches")
        yield Change(tmp_path)
        following._stop.wait()

    following = Following([tmp_path], watch)  # type: ignore[arg-type]
    following.start()
    until(lambda: len(seen) == 3 and not following.folders[0].trouble)
    following.close()
    assert [folders[0].trouble for folders in seen] == [
        "",
        "the disk is full",
        "folders cannot be followed (no more watches); the log has the details",
    ]


def test_a_chosen_folder_is_followed_at_once_after_a_restart_and_until_it_is_let_go(tmp_path: Path) -> None:
    folder, given = tmp_path / "reports", tmp_path / "given"
    for one in (folder, given):
        one.mkdir()
    settled(samples.text_pdf(folder, 1, "a.pdf", "a"))
    settings = Settings(data=tmp_path / "library", samples=False, watch=str(given))

    def names(service: Service) -> list[str]:
        return sorted(document.name for document in service.documents() if document.pages_indexed)

    with Service(settings) as service:
        service.start_in_background()
        service.follow(folder)
        service.follow(folder)
        until(lambda: names(service) == ["a.pdf"], 60)
        assert service.followed_folders == (FollowedFolder(given), FollowedFolder(folder, is_chosen=True))
    settled(samples.text_pdf(folder, 1, "b.pdf", "b"))
    with Service(settings) as service:
        service.start_in_background()
        until(lambda: names(service) == ["a.pdf", "b.pdf"], 60)
        service.unfollow(folder)
        assert service.followed_folders == (FollowedFolder(given),)
        with pytest.raises(NotFound):
            service.unfollow(given)
    (folder / "a.pdf").unlink()
    with Service(settings) as service:
        service.start_in_background()
        settled(samples.text_pdf(given, 1, "c.pdf", "c"))
        until(lambda: names(service) == ["a.pdf", "b.pdf", "c.pdf"], 60)


def test_whoever_sees_collections_only_chooses_no_folder(tmp_path: Path) -> None:
    with (
        Service(Settings(data=tmp_path / "library", samples=False)) as service,
        seeing(Collections(write=["a"])),
    ):
        with pytest.raises(NotAuthorized):
            service.follow(tmp_path)
        with pytest.raises(NotAuthorized):
            service.unfollow(tmp_path)


def test_folders_are_chosen_in_the_roots_only_and_no_link_leads_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "reports").mkdir(parents=True)
    outside.mkdir()
    (root / "link").symlink_to(outside)
    assert checked_folder(f" {root}/reports ", [root]) == (root / "reports").resolve()
    for text in (str(outside), f"{root}/../outside", f"{root}/link", "reports", "", str(tmp_path)):
        with pytest.raises(NotAuthorized):
            checked_folder(text, [root])
    with pytest.raises(NotAuthorized):
        checked_folder(str(root), [])
    with pytest.raises(InvalidInput):
        checked_folder(f"{root}/none", [root])
