from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.app.service import Service
from pagelight.ingest.job_progress import JobStatus
from pagelight.retrieval.errors import InvalidInput, NotFound
from tests.samples import corrupt_pdf, text_pdf


def test_waiting_gives_the_last_status_with_every_files_outcome(
    empty_service: Service, documents: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.pdf"
    job = empty_service.add([documents / "manual.pdf", corrupt_pdf(tmp_path), missing])
    status = job.wait()
    assert (status.state, status.has_ended, status.pages_done) == ("done", True, 1)
    assert [file.state for file in status.files] == ["indexed", "failed", "failed"]
    assert [file.name for file in status.failed] == ["corrupt.pdf", "missing.pdf"]
    assert all(file.reason for file in status.failed)


def test_a_job_tells_every_change_until_its_end(empty_service: Service, tmp_path: Path) -> None:
    seen: list[JobStatus] = []
    last = empty_service.add([text_pdf(tmp_path, 6)]).wait(on_progress=seen.append)
    assert seen[-1] == last
    assert last.pages_done == last.pages_total == 6
    assert [status.pages_done for status in seen] == sorted(status.pages_done for status in seen)
    assert len(seen) == len(set(seen))


def test_iterating_ends_with_the_job(empty_service: Service, tmp_path: Path) -> None:
    *_, last = empty_service.add([text_pdf(tmp_path, 2)])
    assert last.state == "done"


def test_a_wait_of_some_seconds_comes_back_before_the_job(empty_service: Service, tmp_path: Path) -> None:
    job = empty_service.add([text_pdf(tmp_path, 12)])
    assert job.wait(0.01).state == "running"
    job.cancel()
    assert job.wait().state == "cancelled"


def test_a_job_is_found_again_by_its_id(empty_service: Service, documents: Path) -> None:
    job = empty_service.add([documents / "manual.pdf"])
    assert empty_service.job(job.job_id).wait().state == "done"
    assert empty_service.active_jobs() == ()
    with pytest.raises(NotFound):
        empty_service.job("unknown")


def test_a_folder_stands_for_the_documents_in_it(empty_service: Service, documents: Path) -> None:
    status = empty_service.add([documents]).wait()
    assert [file.name for file in status.files] == ["manual.pdf", "photo.png", "report.pdf"]


def test_files_may_be_given_other_names(empty_service: Service, documents: Path) -> None:
    empty_service.add([documents / "manual.pdf"], names=["Safety, 3rd edition.pdf"]).wait()
    assert [document.name for document in empty_service.documents()] == ["Safety, 3rd edition.pdf"]


def test_nothing_to_add_is_said_at_once(empty_service: Service, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no files"):
        empty_service.add([tmp_path])
    with pytest.raises(InvalidInput, match="a list of files"):
        empty_service.add("report.pdf")
