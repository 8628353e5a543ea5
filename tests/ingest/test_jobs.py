"""Background jobs: progress, cancel, bad files, other versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pagelight.ingest.job_progress import JobFile, JobStatus
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Document, Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.errors import InvalidInput, NotFound
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from tests import samples
from tests.ingest.conftest import states
from tests.tiny_encoder import TinyEncoder
from tests.waiting import until


def test_a_job_indexes_its_files_and_tells_its_progress(jobs: Jobs, library: Library, tmp_path: Path) -> None:
    one, two = (
        samples.text_pdf(tmp_path, 3, "one.pdf", "one"),
        samples.text_pdf(tmp_path, 5, "two.pdf", "two"),
    )
    job_id = jobs.submit([(one, "one.pdf"), (two, "two.pdf")])
    assert jobs.wait(job_id, 20)
    status = jobs.status(job_id)
    files = tuple(JobFile(d.name, d.document_id, d.name, "indexed", "", ()) for d in library.documents())
    assert status == JobStatus(job_id, "done", 8, 8, 0, 0.0, files)
    assert jobs.active() == []


def test_the_time_left_comes_from_the_rate(slow_jobs: Jobs, tmp_path: Path) -> None:
    job_id = slow_jobs.submit([(samples.text_pdf(tmp_path, 30), "a.pdf")])
    assert slow_jobs.active() == [job_id]
    until(lambda: slow_jobs.status(job_id).pages_done >= 6)
    status = slow_jobs.status(job_id)
    assert status.state == "running"
    assert status.pages_total == 30
    left = status.pages_total - status.pages_done
    assert 0.08 * left < status.seconds_left < 0.4 * left  # 0.1 s a page, and what the rest costs


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
    assert status.state == "done"
    assert states(status) == ["failed", "failed", "failed", "failed", "indexed"]
    for file, words in zip(
        status.files, ["password", "not a PDF", "damaged", "cannot be opened", ""], strict=True
    ):
        assert words in file.reason
        assert "\n" not in file.reason
        assert "Traceback" not in file.reason
    assert (status.pages_done, status.pages_total) == (2, 2)


def test_a_job_of_bad_files_alone_has_failed(jobs: Jobs, tmp_path: Path) -> None:
    job_id = jobs.submit([(samples.corrupt_pdf(tmp_path), "a.pdf")])
    assert jobs.wait(job_id, 20)
    assert jobs.status(job_id).state == "failed"


def test_an_empty_job_is_done(jobs: Jobs) -> None:
    assert jobs.status(jobs.submit([])).state == "done"


def test_the_same_file_again_is_already_indexed_whatever_its_name(jobs: Jobs, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 3)
    both = jobs.submit([(path, "a.pdf"), (path, "copy of a.pdf")])
    assert jobs.wait(both, 20)
    assert states(jobs.status(both)) == ["indexed", "already indexed"]
    later = jobs.submit([(path, "b.pdf")])
    assert jobs.wait(later, 20)
    status = jobs.status(later)
    assert (status.state, states(status), status.pages_done) == ("done", ["already indexed"], 3)


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
    until(lambda: slow_jobs.status(first).pages_done >= 2)
    slow_jobs.cancel(first)
    assert slow_jobs.wait(first, 20)
    assert slow_jobs.wait(second, 20)
    status = slow_jobs.status(first)
    assert status.state == "cancelled"
    assert states(status) == ["cancelled", "cancelled"]
    assert slow_jobs.status(second).state == "done"
    assert [d.state for d in library.documents()] == ["cancelled", "cancelled", "indexed"]
    slow_jobs.cancel(second)  # finished jobs stay as they are
    assert slow_jobs.status(second).state == "done"


def test_a_cancelled_file_can_be_added_again(slow_jobs: Jobs, library: Library, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 12)
    first = slow_jobs.submit([(path, "a.pdf")])
    until(lambda: slow_jobs.status(first).pages_done >= 2)
    slow_jobs.cancel(first)
    assert slow_jobs.wait(first, 20)
    again = slow_jobs.submit([(path, "a.pdf")])
    assert slow_jobs.wait(again, 20)
    assert slow_jobs.status(again).state == "done"
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


def test_a_newer_version_replaces_the_older_one_once_it_is_indexed(
    jobs: Jobs, library: Library, store: EdgeStore, tmp_path: Path
) -> None:
    path = samples.text_pdf(tmp_path, 2, "a.pdf", "old")
    assert jobs.wait(jobs.submit([(path, "a.pdf")], in_place=True), 20)
    old = library.find("a.pdf").document_id
    samples.text_pdf(tmp_path, 3, "a.pdf", "new")
    kept = jobs.submit([(path, "a.pdf")], in_place=True)
    assert jobs.wait(kept, 20)
    assert jobs.status(kept).files[0].older == (old,)
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
    until(lambda: slow_jobs.status(job_id).pages_done >= 2)
    slow_jobs.cancel_file(job_id, 0)
    assert slow_jobs.wait(job_id, 20)
    assert states(slow_jobs.status(job_id)) == ["cancelled", "cancelled", "indexed"]
    slow_jobs.cancel_file(job_id, 2)  # has ended, stays as it is
    assert states(slow_jobs.status(job_id))[2] == "indexed"
    with pytest.raises(NotFound):
        slow_jobs.cancel_file(job_id, 3)


def test_what_was_cancelled_goes_on_with_a_retry(slow_jobs: Jobs, library: Library, tmp_path: Path) -> None:
    job_id = slow_jobs.submit([(samples.text_pdf(tmp_path, 12), "a.pdf")])
    until(lambda: slow_jobs.status(job_id).pages_done >= 2)
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
