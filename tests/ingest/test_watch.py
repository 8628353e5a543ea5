"""Folders are followed: new, changed and gone files, and what happened while nobody watched."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.ingest.watch import Watch
from pagelight.retrieval.store.embedded import EdgeStore
from tests import samples
from tests.waiting import until


def pdfs_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.pdf"))


def settle(folder: Path) -> None:
    """As if the files had been written a minute ago."""
    for path in [path for path in folder.rglob("*.pdf") if time.time() - path.stat().st_mtime < 30]:
        os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 60 * 10**9))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents."""
    folder = tmp_path / "watched"
    folder.mkdir()
    samples.text_pdf(folder, 1, "a.pdf", "a")
    samples.text_pdf(folder, 2, "b.pdf", "b")
    settle(folder)
    return folder


@pytest.fixture
def watch(library: Library, jobs: Jobs, pipeline: Pipeline) -> Watch:
    return Watch(library, jobs, pipeline, pdfs_in)


def look(watch: Watch, jobs: Jobs, folder: Path) -> tuple[list[str], list[str]]:
    """(files that were added, documents that went) of one look, indexed."""
    change = watch.look(folder)
    if change.job_id:
        assert jobs.wait(change.job_id, 20)
    return [path.name for path in change.added], sorted(change.removed)


def names(library: Library) -> list[str]:
    return sorted(document.name for document in library.documents())


def test_new_changed_and_gone_files_are_followed(
    watch: Watch, jobs: Jobs, library: Library, store: EdgeStore, folder: Path
) -> None:
    assert look(watch, jobs, folder) == (["a.pdf", "b.pdf"], [])
    assert look(watch, jobs, folder) == ([], [])
    samples.text_pdf(folder, 3, "a.pdf", "changed")
    settle(folder)
    (folder / "b.pdf").unlink()
    assert look(watch, jobs, folder) == (["a.pdf"], ["b.pdf"])
    assert [(d.name, d.pages_indexed, d.older) for d in library.documents()] == [("a.pdf", 3, False)]
    assert store.stats().n_pages == 3


def test_what_happened_while_nobody_watched_is_found_at_the_start(
    jobs: Jobs, library: Library, pipeline: Pipeline, folder: Path
) -> None:
    look(Watch(library, jobs, pipeline, pdfs_in), jobs, folder)
    (folder / "a.pdf").unlink()
    samples.text_pdf(folder, 1, "c.pdf", "c")
    settle(folder)
    assert look(Watch(library, jobs, pipeline, pdfs_in), jobs, folder) == (["c.pdf"], ["a.pdf"])
    assert names(library) == ["b.pdf", "c.pdf"]


def test_a_file_that_moved_stays_one_document(
    watch: Watch, jobs: Jobs, library: Library, folder: Path
) -> None:
    look(watch, jobs, folder)
    before = library.find("a.pdf")
    (folder / "sub").mkdir()
    (folder / "a.pdf").rename(folder / "sub" / "renamed.pdf")
    look(watch, jobs, folder)
    look(watch, jobs, folder)
    assert names(library) == ["b.pdf", "renamed.pdf"]
    assert library.find("renamed.pdf").document_id == before.document_id


def test_documents_from_elsewhere_are_left_alone(
    watch: Watch, jobs: Jobs, library: Library, folder: Path, tmp_path: Path
) -> None:
    elsewhere = samples.text_pdf(tmp_path, 1, "elsewhere.pdf", "x")
    assert jobs.wait(jobs.submit([(elsewhere, "elsewhere.pdf")], in_place=True), 20)
    shutil.copy(folder / "a.pdf", tmp_path / "a.pdf")
    assert jobs.wait(jobs.submit([(tmp_path / "a.pdf", "a.pdf")], in_place=True), 20)
    look(watch, jobs, folder)
    (folder / "a.pdf").unlink()
    elsewhere.unlink()
    assert look(watch, jobs, folder) == ([], [])
    assert names(library) == ["a.pdf", "b.pdf", "elsewhere.pdf"]


@pytest.mark.parametrize("kind", ["gone", "empty"])
def test_a_drive_that_is_not_there_removes_nothing(
    watch: Watch, jobs: Jobs, library: Library, folder: Path, kind: str
) -> None:
    look(watch, jobs, folder)
    folder.rename(folder.with_name("unmounted"))
    if kind == "empty":
        folder.mkdir()
    assert kind in watch.look(folder).trouble
    assert names(library) == ["a.pdf", "b.pdf"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name("unmounted").rename(folder)
    assert look(watch, jobs, folder) == ([], [])


def test_a_file_that_is_refused_is_tried_again_once_it_changes(
    watch: Watch, jobs: Jobs, library: Library, folder: Path
) -> None:
    (folder / "c.pdf").write_text("not yet a PDF")
    settle(folder)
    assert look(watch, jobs, folder)[0] == ["a.pdf", "b.pdf", "c.pdf"]
    assert look(watch, jobs, folder)[0] == []
    samples.text_pdf(folder, 1, "c.pdf", "c")
    settle(folder)
    assert look(watch, jobs, folder)[0] == ["c.pdf"]
    assert names(library) == ["a.pdf", "b.pdf", "c.pdf"]


def test_a_file_that_is_being_written_is_waited_for(watch: Watch, jobs: Jobs, folder: Path) -> None:
    look(watch, jobs, folder)
    samples.text_pdf(folder, 1, "c.pdf", "c")
    assert look(watch, jobs, folder)[0] == []
    settle(folder)
    assert look(watch, jobs, folder)[0] == ["c.pdf"]


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_the_system_tells_of_changes_as_they_happen(
    watch: Watch, library: Library, folder: Path, stop: threading.Event
) -> None:
    thread = threading.Thread(target=lambda: list(watch.follow([folder], stop)))
    thread.start()
    until(lambda: names(library) == ["a.pdf", "b.pdf"], 30)
    samples.text_pdf(folder, 1, "c.pdf", "c")
    until(lambda: "c.pdf" in names(library), 30)
    (folder / "a.pdf").unlink()
    until(lambda: names(library) == ["b.pdf", "c.pdf"], 30)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_long_paths_and_names_that_are_no_text_are_followed_like_others(
    watch: Watch, jobs: Jobs, library: Library, folder: Path
) -> None:
    """Their paths used to be cut or changed when they were stored, so that each look removed and added them again."""
    deep = folder / ("d" * 200) / ("e" * 200) / ("f" * 200)
    deep.mkdir(parents=True)
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.pdf"))
    for path in (deep / "a.pdf", odd):
        samples.text_pdf(folder, 1, "new.pdf", path.parent.name).rename(path)
    settle(folder)
    assert len(look(watch, jobs, folder)[0]) == 4
    assert look(watch, jobs, folder) == ([], [])
    odd.unlink()
    (deep / "a.pdf").unlink()
    assert look(watch, jobs, folder) == ([], ["a.pdf", "bad?.pdf"])
    assert names(library) == ["a.pdf", "b.pdf"]


def test_a_name_that_is_no_text_does_not_end_the_watch(
    watch: Watch, library: Library, folder: Path, stop: threading.Event
) -> None:
    (change,) = (one for one in watch.follow([folder], stop) if one.added or stop.set())
    assert [path.name for path in change.added] == ["a.pdf", "b.pdf"]
    stop.clear()
    thread = threading.Thread(target=lambda: list(watch.follow([folder], stop)))
    thread.start()
    time.sleep(0.2)  # until the system watches
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.pdf"))
    samples.text_pdf(folder, 1, "c.pdf", "c").rename(odd)
    settle(folder)
    until(lambda: "bad?.pdf" in names(library), 30)
    assert thread.is_alive()
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
