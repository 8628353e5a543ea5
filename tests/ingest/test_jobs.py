"""Background jobs: progress, cancel, bad files, and what a killed process leaves behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Document, Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.errors import InvalidInput, NotFound, StoreUnavailable
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from tests import samples
from tests.ingest.conftest import CONFIG
from tests.tiny_encoder import TinyEncoder
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


def states(status: dict[str, Any]) -> list[str]:
    return [file["state"] for file in status["files"]]


def test_a_job_indexes_its_files_and_tells_its_progress(jobs: Jobs, library: Library, tmp_path: Path) -> None:
    one, two = (
        samples.text_pdf(tmp_path, 3, "one.pdf", "one"),
        samples.text_pdf(tmp_path, 5, "two.pdf", "two"),
    )
    job_id = jobs.submit([(one, "one.pdf"), (two, "two.pdf")])
    assert jobs.wait(job_id, 20)
    status = jobs.status(job_id)
    assert status == {
        "state": "done",
        "pages_done": 8,
        "pages_total": 8,
        "pages_shallow": 0,
        "seconds_left": 0.0,
        "files": [
            {
                "name": d.name,
                "document_id": d.document_id,
                "document": d.name,
                "state": "indexed",
                "reason": "",
                "older": [],
            }
            for d in library.documents()
        ],
    }
    assert jobs.active() == []


def test_the_time_left_comes_from_the_rate(slow_jobs: Jobs, tmp_path: Path) -> None:
    job_id = slow_jobs.submit([(samples.text_pdf(tmp_path, 30), "a.pdf")])
    assert slow_jobs.active() == [job_id]
    until(lambda: slow_jobs.status(job_id)["pages_done"] >= 6)
    status = slow_jobs.status(job_id)
    assert status["state"] == "running"
    assert status["pages_total"] == 30
    left = status["pages_total"] - status["pages_done"]
    assert 0.08 * left < status["seconds_left"] < 0.4 * left  # 0.1 s a page, and what the rest costs


def test_bad_files_have_their_reasons_and_the_others_carry_on(jobs: Jobs, tmp_path: Path) -> None:
    note = tmp_path / "note.pdf"
    note.write_text("only text")
    good = samples.text_pdf(tmp_path, 2)
    files = [
        samples.encrypted_pdf(tmp_path),
        note,
        samples.corrupt_pdf(tmp_path),
        tmp_path / "missing.pdf",
        good,
    ]
    job_id = jobs.submit([(path, path.name) for path in files])
    assert jobs.wait(job_id, 20)
    status = jobs.status(job_id)
    assert status["state"] == "done"
    assert states(status) == ["failed", "failed", "failed", "failed", "indexed"]
    for file, words in zip(
        status["files"], ["password", "not a PDF", "damaged", "cannot be opened", ""], strict=True
    ):
        assert words in file["reason"]
        assert "\n" not in file["reason"]
        assert "Traceback" not in file["reason"]
    assert (status["pages_done"], status["pages_total"]) == (2, 2)


def test_a_job_of_bad_files_alone_has_failed(jobs: Jobs, tmp_path: Path) -> None:
    job_id = jobs.submit([(samples.corrupt_pdf(tmp_path), "a.pdf")])
    assert jobs.wait(job_id, 20)
    assert jobs.status(job_id)["state"] == "failed"


def test_an_empty_job_is_done(jobs: Jobs) -> None:
    assert jobs.status(jobs.submit([]))["state"] == "done"


def test_the_same_file_again_is_already_indexed_whatever_its_name(jobs: Jobs, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 3)
    both = jobs.submit([(path, "a.pdf"), (path, "copy of a.pdf")])
    assert jobs.wait(both, 20)
    assert states(jobs.status(both)) == ["indexed", "already indexed"]
    later = jobs.submit([(path, "b.pdf")])
    assert jobs.wait(later, 20)
    status = jobs.status(later)
    assert (status["state"], states(status), status["pages_done"]) == ("done", ["already indexed"], 3)


def test_cancel_ends_a_job_and_leaves_the_next_one_alone(
    slow_jobs: Jobs, library: Library, tmp_path: Path
) -> None:
    long, short = (
        samples.text_pdf(tmp_path, 40, "long.pdf"),
        samples.text_pdf(tmp_path, 2, "short.pdf", "short"),
    )
    third = samples.text_pdf(tmp_path, 2, "third.pdf", "third")
    first = slow_jobs.submit([(long, "long.pdf"), (third, "third.pdf")])
    second = slow_jobs.submit([(short, "short.pdf")])
    until(lambda: slow_jobs.status(first)["pages_done"] >= 2)
    slow_jobs.cancel(first)
    assert slow_jobs.wait(first, 20)
    assert slow_jobs.wait(second, 20)
    status = slow_jobs.status(first)
    assert status["state"] == "cancelled"
    assert states(status) == ["cancelled", "cancelled"]
    assert slow_jobs.status(second)["state"] == "done"
    assert [d.state for d in library.documents()] == ["cancelled", "cancelled", "indexed"]
    slow_jobs.cancel(second)  # finished jobs stay as they are
    assert slow_jobs.status(second)["state"] == "done"


def test_a_cancelled_file_can_be_added_again(slow_jobs: Jobs, library: Library, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 12)
    first = slow_jobs.submit([(path, "a.pdf")])
    until(lambda: slow_jobs.status(first)["pages_done"] >= 2)
    slow_jobs.cancel(first)
    assert slow_jobs.wait(first, 20)
    again = slow_jobs.submit([(path, "a.pdf")])
    assert slow_jobs.wait(again, 20)
    assert slow_jobs.status(again)["state"] == "done"
    assert library.documents()[0].pages_indexed == 12


def test_unknown_jobs_are_not_found(jobs: Jobs) -> None:
    for ask in (jobs.status, jobs.cancel, jobs.wait):
        with pytest.raises(NotFound):
            ask("nothing")


def test_a_document_removed_while_queued_is_cancelled(
    slow_jobs: Jobs, slow_pipeline: Pipeline, library: Library, tmp_path: Path
) -> None:
    job_id = slow_jobs.submit(
        [(samples.text_pdf(tmp_path, 10), "a.pdf"), (samples.text_pdf(tmp_path, 2, "b.pdf", "b"), "b.pdf")]
    )
    slow_pipeline.remove(library.find("b.pdf").document_id)
    assert slow_jobs.wait(job_id, 20)
    assert states(slow_jobs.status(job_id)) == ["indexed", "cancelled"]


def test_closing_leaves_the_rest_for_the_next_start(
    library: Library, store: EdgeStore, slow_pipeline: Pipeline, tmp_path: Path
) -> None:
    first = Jobs(library, slow_pipeline)
    job_id = first.submit([(samples.text_pdf(tmp_path, 20), "a.pdf")])
    until(lambda: first.status(job_id)["pages_done"] >= 2)
    first.close()
    (document,) = library.documents()
    assert document.state == "queued"
    assert 2 <= document.pages_indexed < 20
    second = Jobs(library, slow_pipeline)
    assert second.status(job_id)["state"] == "running"
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
        stored_before = _run_and_kill(data, files, wanted)
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


def test_a_newer_version_replaces_the_older_one_once_it_is_indexed(
    jobs: Jobs, library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    path = samples.text_pdf(tmp_path, 2, "a.pdf", "old")
    assert jobs.wait(jobs.submit([(path, "a.pdf")], in_place=True), 20)
    old = library.find("a.pdf").document_id
    samples.text_pdf(tmp_path, 3, "a.pdf", "new")
    kept = jobs.submit([(path, "a.pdf")], in_place=True)
    assert jobs.wait(kept, 20)
    assert jobs.status(kept)["files"][0]["older"] == [old]
    replaced = jobs.submit([(path, "a.pdf")], in_place=True, replace=True)
    assert jobs.wait(replaced, 20)
    assert states(jobs.status(replaced)) == ["already indexed"]
    (new,) = library.documents()
    assert (new.name, new.pages_indexed) == ("a.pdf", 3)
    assert store.stats().n_pages == 3


class AskingPipeline(Pipeline):
    """Remembers which document it was told would be next."""

    told: tuple[str | None, ...] = ()

    def index(self, document_id: str, *args: Any, following: Any = None, **options: Any) -> Document:
        self.told += (following(),)
        return super().index(document_id, *args, following=following, **options)


def test_a_file_that_is_queued_twice_is_not_begun_ahead_of_itself(
    library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    """It was encoded a second time, and complained when the threads were gone."""
    pipeline = AskingPipeline(TinyEncoder(), parse_pruning("none"), store, library)
    jobs = Jobs(library, pipeline)
    path = samples.text_pdf(tmp_path, 3)
    assert jobs.wait(jobs.submit([(path, "a.pdf"), (path, "copy of a.pdf")]), 20)
    jobs.close()
    assert pipeline.told == (None,)


def test_a_version_that_fails_replaces_nothing(jobs: Jobs, library: Library, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 2, "a.pdf")
    assert jobs.wait(jobs.submit([(path, "a.pdf")], in_place=True), 20)
    path.write_bytes(samples.corrupt_pdf(tmp_path).read_bytes())
    job_id = jobs.submit([(path, "a.pdf")], in_place=True, replace=True)
    assert jobs.wait(job_id, 20)
    assert states(jobs.status(job_id)) == ["failed"]
    assert [d.state for d in library.documents()] == ["indexed", "failed"]


def test_one_file_of_a_job_is_cancelled_and_the_others_carry_on(slow_jobs: Jobs, tmp_path: Path) -> None:
    files = [samples.text_pdf(tmp_path, 30 if n == 0 else 2, f"{n}.pdf", str(n)) for n in range(3)]
    job_id = slow_jobs.submit([(path, path.name) for path in files])
    slow_jobs.cancel_file(job_id, 1)
    until(lambda: slow_jobs.status(job_id)["pages_done"] >= 2)
    slow_jobs.cancel_file(job_id, 0)
    assert slow_jobs.wait(job_id, 20)
    assert states(slow_jobs.status(job_id)) == ["cancelled", "cancelled", "indexed"]
    slow_jobs.cancel_file(job_id, 2)  # has ended, stays as it is
    assert states(slow_jobs.status(job_id))[2] == "indexed"
    with pytest.raises(NotFound):
        slow_jobs.cancel_file(job_id, 3)


def test_what_was_cancelled_goes_on_with_a_retry(slow_jobs: Jobs, library: Library, tmp_path: Path) -> None:
    job_id = slow_jobs.submit([(samples.text_pdf(tmp_path, 12), "a.pdf")])
    until(lambda: slow_jobs.status(job_id)["pages_done"] >= 2)
    slow_jobs.cancel(job_id)
    assert slow_jobs.wait(job_id, 20)
    (document,) = library.documents()
    again = slow_jobs.retry([document.document_id])
    assert slow_jobs.wait(again, 20)
    assert library.get(document.document_id).pages_indexed == 12
    with pytest.raises(InvalidInput):
        slow_jobs.retry([document.document_id])


def test_a_job_with_failures_stays_until_it_is_dismissed(jobs: Jobs, tmp_path: Path) -> None:
    bad = jobs.submit([(samples.corrupt_pdf(tmp_path), "bad.pdf")])
    good = jobs.submit([(samples.text_pdf(tmp_path), "good.pdf")])
    assert jobs.wait(good, 20)
    assert jobs.open() == [bad]
    jobs.dismiss(bad)
    assert jobs.open() == []
    with pytest.raises(NotFound):
        jobs.dismiss("nothing")


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
        (file,) = jobs.status(job_id)["files"]
        assert file["state"] == "failed"
        assert file["reason"].startswith("The disk is full")
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
    assert (status["state"], status["files"][0]["reason"]) == (
        "failed",
        "The data folder is gone; put it back",
    )
    monkeypatch.setattr(library, "check_folder", seen)
    until(lambda: jobs.status(job_id)["state"] == "done", 20)


def _run_and_kill(data: Path, files: list[Path], wanted: int) -> set[int]:
    """Kill the program once it has indexed `wanted` pages; the pages stored then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.interrupted", str(data), *map(str, files)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout
        assert process.stdout.readline()
        library = Library(data)
        until(lambda: sum(d.pages_indexed for d in library.documents()) >= wanted)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    store = EdgeStore.open(data, CONFIG)
    stored = store.page_numbers(library.documents()[0].document_id)
    store.close()
    library.close()
    return stored


def test_a_document_goes_on_when_a_folder_that_went_away_is_back(
    slow_jobs: Jobs, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It used to count as failed for good."""
    monkeypatch.setattr("pagelight.ingest.worker._RETRY_SECONDS", 0.1)
    job_id = slow_jobs.submit([(samples.text_pdf(tmp_path, 8), "a.pdf")])
    until(lambda: slow_jobs.status(job_id)["pages_done"] > 0, 30)
    away = library.folder.rename(tmp_path / "away")
    until(lambda: "is gone" in slow_jobs.trouble, 30)
    away.rename(library.folder)
    until(lambda: states(slow_jobs.status(job_id)) == ["indexed"], 30)
    assert library.find("a.pdf").pages_indexed == 8
