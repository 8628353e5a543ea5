"""Records of jobs: which there are, how far each one is, and who may see and change it."""

from __future__ import annotations

import sqlite3

from pagelight.ingest.collections import seeing, seen_collections
from pagelight.ingest.job_progress import JobFile, JobStatus, job_state, pages_of
from pagelight.ingest.library import Library
from pagelight.ingest.worker import Worker
from pagelight.retrieval.errors import NotAuthorized, NotFound

_OLDER = """(
SELECT group_concat(DISTINCT old.document_id) FROM names AS new JOIN names AS old USING (key, place)
JOIN documents AS other ON other.document_id = old.document_id
WHERE new.document_id = job_files.document_id AND old.document_id <> new.document_id AND new.rowid > old.rowid
AND NOT other.deleting)"""

QUEUED_OR_RUNNING = "(SELECT job_id FROM job_files WHERE state IN ('queued', 'running'))"


def no_such_job() -> NotFound:
    """The error about a job that is not there, or that the caller may not see."""
    return NotFound("There is no such job.")


class JobRecords:
    """The jobs in the library's database, and the worker that goes through them."""

    def __init__(self, library: Library, worker: Worker) -> None:
        self._library, self._worker = library, worker
        self._database = library.database

    @property
    def trouble(self) -> str:
        """One line while the queue cannot be worked on; else empty."""
        return self._worker.trouble

    def status(self, job_id: str) -> JobStatus:
        """How far the job is. Raises NotFound."""
        with self._database.work() as connection:
            job = connection.execute("SELECT cancelled FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            rows = connection.execute(
                "SELECT job_files.name, job_files.document_id, job_files.state, job_files.reason, "
                "coalesce(pages, 0) AS pages, coalesce(pages_indexed, 0) AS pages_indexed, "
                f"coalesce(pages_shallow, 0) AS pages_shallow, {_OLDER} AS older "
                "FROM job_files LEFT JOIN documents USING (document_id) WHERE job_id = ? ORDER BY position",
                (job_id,),
            ).fetchall()
        if job is None:
            raise no_such_job()
        self._check(job_id)
        counts = [pages_of(row) for row in rows]
        done, total = sum(count[0] for count in counts), sum(count[1] for count in counts)
        trouble = self._worker.trouble
        files = tuple(self._file(row, trouble) for row in rows)
        state = job_state([file.state for file in files], bool(job["cancelled"]))
        shallow = sum(row["pages_shallow"] for row in rows)
        seconds_left = self._seconds_left(job_id, total - done) if state == "running" else 0.0
        return JobStatus(job_id, state, done, total, shallow, seconds_left, files)

    def active(self) -> list[str]:
        """Jobs with files that are queued or running, oldest first."""
        return self._job_ids(f"job_id IN {QUEUED_OR_RUNNING}")

    def open(self) -> list[str]:
        """The active ones, and those with files that failed or were cancelled until `dismiss`; oldest first."""
        unhappy = "(SELECT job_id FROM job_files WHERE state IN ('failed', 'cancelled'))"
        return self._job_ids(f"job_id IN {QUEUED_OR_RUNNING} OR (NOT dismissed AND job_id IN {unhappy})")

    def _file(self, row: sqlite3.Row, trouble: str) -> JobFile:
        """One file of a status; while the queue is in trouble, what waits has failed for now."""
        name, document_id, state, reason = (row[key] for key in ("name", "document_id", "state", "reason"))
        if trouble and state in ("queued", "running"):
            state, reason = "failed", trouble
        older = tuple(row["older"].split(",")) if row["older"] else ()
        return JobFile(name, document_id, self._library.labels().get(document_id, name), state, reason, older)

    def _job_ids(self, condition: str) -> list[str]:
        rows = self._database.rows(f"SELECT job_id FROM jobs WHERE {condition} ORDER BY rowid")
        collections, ids = seen_collections(), [str(row["job_id"]) for row in rows]
        return [one for one in ids if collections is None or self._keys(one) & collections.readable]

    def _check(self, job_id: str, *, to_write: bool = False) -> None:
        """Raises NotFound where the caller does not see the job's collections, NotAuthorized where they may not change them."""
        collections = seen_collections()
        if collections is None:
            return
        keys = self._keys(job_id)
        if not keys & collections.readable:
            raise no_such_job()
        if to_write and not keys <= collections.writable:
            raise NotAuthorized("you may not change this job")

    def _keys(self, job_id: str) -> set[str]:
        """The tags that a job's documents were given, as keys."""
        rows = self._database.rows("SELECT key FROM job_tags WHERE job_id = ?", job_id)
        return {row["key"] for row in rows}

    def _seconds_left(self, job_id: str, own: int) -> float | None:
        """Time for the job's own pages and those of the jobs before it."""
        pages = own
        with seeing(None):
            active = self.active()
        for other in active:
            if other == job_id:
                break
            row = self._database.row(
                "SELECT coalesce(sum(pages - pages_indexed), 0) AS n FROM job_files JOIN documents "
                "USING (document_id) WHERE job_id = ? AND job_files.state IN ('queued', 'running')",
                other,
            )
            pages += max(row["n"], 0)
        return self._worker.rate.seconds_for(pages)
