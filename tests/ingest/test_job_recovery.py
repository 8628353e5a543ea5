"""What jobs take up again: after a kill, a full disk, a folder that went away, or a deletion that broke off."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.errors import StoreUnavailable
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from tests import samples
from tests.ingest.conftest import CONFIG, states
from tests.ingest.killed_program import kill_while_indexing
from tests.tiny_encoder import TinyEncoder
from tests.waiting import until


def test_closing_leaves_the_rest_for_the_next_start(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    first = Jobs(library, slow_pipeline)
    job_id = first.submit([(samples.text_pdf(tmp_path, 20), "a.pdf")])
    until(lambda: first.status(job_id).pages_done >= 2)
    first.close()
    (document,) = library.documents()
    assert document.state == "queued"
    assert 2 <= document.pages_indexed < 20
    second = Jobs(library, slow_pipeline)
    assert second.status(job_id).state == "running"
    second.resume()
    assert second.wait(job_id, 20)
    second.close()
    assert store.page_numbers(document.document_id) == set(range(1, 21))


def test_pages_that_the_store_has_lost_are_indexed_again(
    jobs: Jobs, library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    assert jobs.wait(jobs.submit([(samples.text_pdf(tmp_path, 4), "a.pdf")]), 20)
    (document,) = library.documents()
    store.delete_document(document.document_id)
    job_id = jobs.resume()
    assert job_id
    assert jobs.wait(job_id, 20)
    assert len(store.page_numbers(document.document_id)) == 4


def test_kill_minus_nine_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Killed twice in the middle, at different pages; the third start finishes both files."""
    data = tmp_path / "data"
    files = [
        samples.text_pdf(tmp_path, 30, "one.pdf", "one"),
        samples.text_pdf(tmp_path, 10, "two.pdf", "two"),
    ]
    stored_before: set[int] = set()
    for wanted in (4, 14):
        stored_before = kill_while_indexing(data, files, wanted)
        assert len(stored_before) >= wanted - 2
    library = Library(data)
    store = EdgeStore.open(library.folder, CONFIG)
    one, two = library.documents()
    assert stored_before <= store.page_numbers(one.document_id)
    assert one.state in {"queued", "running"}
    encoder = TinyEncoder()
    jobs = Jobs(library, Pipeline(encoder, parse_pruning("none"), store, library))
    missing = 40 - len(store.page_numbers(one.document_id)) - len(store.page_numbers(two.document_id))
    jobs.resume()
    for job_id in jobs.active():
        assert jobs.wait(job_id, 30)
    jobs.close()
    assert encoder.n_pages == missing
    assert [(d.state, d.pages_indexed) for d in library.documents()] == [("indexed", 30), ("indexed", 10)]
    assert store.stats().n_pages == 40
    assert [p for p in (data / "incoming").iterdir()] == []
    store.close()
    library.close()


def test_a_document_that_kills_the_program_again_and_again_is_given_up(
    jobs: Jobs, library: Library, tmp_path: Path
) -> None:
    path = samples.text_pdf(tmp_path, 2)
    document, _ = library.add(path, "a.pdf")
    with library.database.work() as connection:  # as three killed processes would have left it
        connection.execute("UPDATE documents SET state = 'running', deaths = 2")
    jobs.resume()
    assert library.get(document.document_id).state == "failed"
    assert "died 3 times" in library.get(document.document_id).reason
    again = jobs.submit([(path, "a.pdf")])
    assert jobs.wait(again, 20)
    assert library.get(document.document_id).state == "indexed"


def test_a_deletion_that_broke_off_is_finished_by_the_next_start(
    jobs: Jobs, library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    assert jobs.wait(jobs.submit([(samples.text_pdf(tmp_path), "a.pdf")]), 20)
    (document,) = library.documents()
    with library.database.work() as connection:  # as a killed process would have left it
        connection.execute("UPDATE documents SET deleting = 1")
    assert library.documents() == []
    jobs.resume()
    assert store.stats().n_pages == 0
    assert list(library.files.ids()) == []
    assert library.unfinished_deletions() == []
    assert jobs.wait(jobs.submit([(samples.text_pdf(tmp_path), "a.pdf")]), 20)
    assert library.get(document.document_id).state == "indexed"


def test_a_document_that_is_added_while_its_deletion_broke_off_is_there(
    jobs: Jobs, library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    path = samples.text_pdf(tmp_path)
    assert jobs.wait(jobs.submit([(path, "a.pdf")]), 20)
    with library.database.work() as connection:
        connection.execute("UPDATE documents SET deleting = 1")
    assert jobs.wait(jobs.submit([(path, "b.pdf")]), 20)
    (document,) = library.documents()
    assert (document.state, document.pages_indexed, store.stats().n_pages) == ("indexed", 3, 3)


def test_lost_rows_come_back_with_their_names_and_without_reading_again(
    library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    encoder = TinyEncoder()
    jobs = Jobs(library, Pipeline(encoder, parse_pruning("none"), store, library))
    assert jobs.wait(jobs.submit([(samples.text_pdf(tmp_path), "Annual report.pdf")]), 20)
    jobs.close()
    with library.database.work() as connection:
        connection.execute("DELETE FROM documents")
    library.close()
    again = Library(library.folder)
    jobs = Jobs(again, Pipeline(encoder, parse_pruning("none"), store, again))
    job_id = jobs.resume()
    assert job_id
    assert jobs.wait(job_id, 20)
    (document,) = again.documents()
    assert (document.name, document.state, document.pages_indexed) == ("Annual report.pdf", "indexed", 3)
    assert encoder.n_pages == 3
    jobs.close()
    again.close()


def test_a_full_disk_fails_the_file_and_the_worker_stays_alive(
    jobs: Jobs, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = samples.text_pdf(tmp_path, 2, "1.pdf", "1"), samples.text_pdf(tmp_path, 2, "2.pdf", "2")
    document, _ = library.add(first, "1.pdf")
    with monkeypatch.context() as patch:
        patch.setattr("pagelight.retrieval.disk.free_bytes", lambda folder: 1_000_000)
        job_id = jobs.resume()
        assert job_id
        assert jobs.wait(job_id, 20)
        (file,) = jobs.status(job_id).files
        assert file.state == "failed"
        assert file.reason.startswith("The disk is full")
        refused = jobs.submit([(second, "2.pdf")])
        assert states(jobs.status(refused)) == ["failed"]
        assert [d.name for d in library.documents()] == ["1.pdf"]
    assert jobs.wait(jobs.retry([document.document_id]), 20)
    assert library.get(document.document_id).state == "indexed"


def test_a_queue_that_cannot_be_written_says_so_and_goes_on_by_itself(
    jobs: Jobs, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the retry the thread died, and `add` waited for ever."""
    monkeypatch.setattr("pagelight.ingest.worker._RETRY_SECONDS", 0.2)
    seen = library.check_folder

    def gone() -> None:
        if threading.current_thread().name == "jobs":  # it went after the file was taken in
            raise StoreUnavailable("The data folder is gone; put it back")

    monkeypatch.setattr(library, "check_folder", gone)
    job_id = jobs.submit([(samples.text_pdf(tmp_path), "a.pdf")])
    assert jobs.wait(job_id, 20)
    status = jobs.status(job_id)
    assert (status.state, status.files[0].reason) == (
        "failed",
        "The data folder is gone; put it back",
    )
    monkeypatch.setattr(library, "check_folder", seen)
    until(lambda: jobs.status(job_id).state == "done", 20)


def test_a_document_goes_on_when_a_folder_that_went_away_is_back(
    slow_jobs: Jobs, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It used to count as failed for good."""
    monkeypatch.setattr("pagelight.ingest.worker._RETRY_SECONDS", 0.1)
    job_id = slow_jobs.submit([(samples.text_pdf(tmp_path, 8), "a.pdf")])
    until(lambda: slow_jobs.status(job_id).pages_done > 0, 30)
    away = library.folder.rename(tmp_path / "away")
    until(lambda: "is gone" in slow_jobs.trouble, 30)
    away.rename(library.folder)
    until(lambda: states(slow_jobs.status(job_id)) == ["indexed"], 30)
    assert library.find("a.pdf").pages_indexed == 8
