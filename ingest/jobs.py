"""Indexing in the background: a queue that outlives the browser's tab and the program, and its progress."""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pagelight.ingest.job_progress import Rate, job_state, pages_of
from pagelight.ingest.library import Library, clean_name, one_line
from pagelight.ingest.pipeline import INTERNAL, Pipeline
from pagelight.ingest.recovery import requeue, requeue_lost
from pagelight.retrieval.errors import DocumentError, NotFound

log = logging.getLogger(__name__)

FileState = Literal["queued", "running", "indexed", "already indexed", "failed", "cancelled"]

#: finished jobs that can still be asked about
_KEPT_JOBS = 500
_JOIN_SECONDS = 60.0
_OLDEST_QUEUED = (
    "SELECT job_id, position, document_id FROM job_files JOIN jobs USING (job_id) "
    "WHERE state = 'queued' ORDER BY jobs.rowid, position LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class _Task:
    """One file of a job, claimed by the worker."""

    job_id: str
    position: int
    document_id: str


class Jobs:
    """One worker thread and its queue, which is kept in the library's database."""

    def __init__(self, library: Library, pipeline: Pipeline) -> None:
        self._library = library
        self._pipeline = pipeline
        self._work = library.database.work
        self._changed = threading.Condition()  # something was queued, finished or closed
        self._task: _Task | None = None
        self._cancel = threading.Event()  # the task at hand
        self._closing = threading.Event()
        self._rate = Rate()
        self._thread: threading.Thread | None = None

    def submit(self, files: Iterable[tuple[Path, str]]) -> str:
        """Copy files (path, name) into the library and queue them; the job's id.

        A file that is refused is part of the job, with its reason; the others carry on.
        """
        job_id = uuid.uuid4().hex
        rows: list[tuple[str, int, str, str, str, str]] = []
        for position, (path, name) in enumerate(files):
            document_id, reason = "", ""
            state: FileState
            try:
                document, wanted = self._library.add(path, name)
                document_id, state = document.document_id, "queued" if wanted else "already indexed"
            except DocumentError as error:
                state, reason = "failed", str(error)
            except Exception:
                log.exception("adding %r", name)
                state, reason = "failed", INTERNAL
            rows.append((job_id, position, clean_name(name), document_id, state, one_line(reason)))
        self._insert(job_id, rows)
        return job_id

    def status(self, job_id: str) -> dict[str, Any]:
        """`/job_status`: state, pages_done, pages_total, seconds_left (None: not known yet) and files.

        Raises NotFound.
        """
        with self._work() as connection:
            job = connection.execute("SELECT cancelled FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            rows = connection.execute(
                "SELECT job_files.name, job_files.document_id, job_files.state, job_files.reason, "
                "coalesce(pages, 0) AS pages, coalesce(pages_indexed, 0) AS pages_indexed "
                "FROM job_files LEFT JOIN documents USING (document_id) WHERE job_id = ? ORDER BY position",
                (job_id,),
            ).fetchall()
        if job is None:
            raise NotFound("There is no such job.")
        counts = [pages_of(row) for row in rows]
        done, total = sum(count[0] for count in counts), sum(count[1] for count in counts)
        state = job_state([row["state"] for row in rows], bool(job["cancelled"]))
        return {
            "state": state,
            "pages_done": done,
            "pages_total": total,
            "seconds_left": self._seconds_left(job_id, total - done) if state == "running" else 0.0,
            "files": [{key: row[key] for key in ("name", "document_id", "state", "reason")} for row in rows],
        }

    def active(self) -> list[str]:
        """Jobs with files that are queued or running, oldest first."""
        with self._work() as connection:
            rows = connection.execute(
                "SELECT job_id FROM jobs WHERE job_id IN "
                "(SELECT job_id FROM job_files WHERE state IN ('queued', 'running')) ORDER BY rowid"
            ).fetchall()
        return [row["job_id"] for row in rows]

    def cancel(self, job_id: str) -> None:
        """End a job; pages that are stored stay. A finished job is left as it is.

        Raises NotFound.
        """
        with self._changed, self._work() as connection:
            known = connection.execute("SELECT 1 FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            if known is None:
                raise NotFound("There is no such job.")
            ours = "job_id = ? AND state = 'queued'"
            queued = connection.execute(
                f"SELECT document_id FROM job_files WHERE {ours}", (job_id,)
            ).fetchall()
            connection.execute(
                f"UPDATE job_files SET state = 'cancelled', reason = 'Cancelled before it began.' WHERE {ours}",
                (job_id,),
            )
            for row in queued:
                self._let_go(connection, row["document_id"])
            running = self._task is not None and self._task.job_id == job_id
            if queued or running:
                connection.execute("UPDATE jobs SET cancelled = 1 WHERE job_id = ?", (job_id,))
            if running:
                self._cancel.set()

    def resume(self) -> str | None:
        """Take up what an earlier process left unfinished; the id of a job made for documents that had none.

        Documents whose pages the store has lost (it was emptied, or its folder removed) are indexed again.
        """
        requeue_lost(self._library, self._pipeline.store)
        with self._changed, self._work() as connection:
            requeue(connection)
            orphans = connection.execute(
                "SELECT document_id, name FROM documents WHERE state = 'queued' AND document_id NOT IN "
                "(SELECT document_id FROM job_files WHERE state = 'queued') ORDER BY rowid"
            ).fetchall()
        job_id = uuid.uuid4().hex if orphans else None
        rows = [(str(job_id), n, r["name"], r["document_id"], "queued", "") for n, r in enumerate(orphans)]
        if job_id:
            self._insert(job_id, rows)
        elif self.active():
            self._wake()
        return job_id

    def wait(self, job_id: str, seconds: float | None = None) -> bool:
        """Until the job has ended; False when the seconds are over first. Raises NotFound."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self.status(job_id)["state"] != "running" or self._closing.is_set(), seconds
            )

    def close(self) -> None:
        """End the worker; what is unfinished goes on with the next `resume`."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
            thread = self._thread
        if thread:
            thread.join(_JOIN_SECONDS)
        if not (thread and thread.is_alive()):
            self._pipeline.close()

    def _insert(self, job_id: str, rows: list[tuple[str, int, str, str, str, str]]) -> None:
        with self._changed, self._work() as connection:
            connection.execute("INSERT INTO jobs (job_id) VALUES (?)", (job_id,))
            connection.executemany("INSERT INTO job_files VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.execute(
                "DELETE FROM jobs WHERE rowid <= (SELECT max(rowid) FROM jobs) - ? AND job_id NOT IN "
                "(SELECT job_id FROM job_files WHERE state IN ('queued', 'running'))",
                (_KEPT_JOBS,),
            )
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while task := self._next():
            state: FileState = "failed"
            reason = INTERNAL
            try:
                state, reason = self._do(task)
            except NotFound:
                state, reason = "cancelled", "It was removed."
            except Exception:
                log.exception("indexing %s", task.document_id)
            self._finish(task, state, reason)

    def _next(self) -> _Task | None:
        """Claim the oldest queued file, waiting for one; None when closing."""
        with self._changed:
            while not self._closing.is_set():
                with self._work() as connection:
                    row = connection.execute(_OLDEST_QUEUED).fetchone()
                    if row:
                        task = _Task(**row)
                        connection.execute(
                            "UPDATE job_files SET state = 'running' WHERE job_id = ? AND position = ?",
                            (task.job_id, task.position),
                        )
                        self._task = task
                        self._cancel.clear()
                        return task
                self._pipeline.rest()
                self._changed.wait()
        return None

    def _following(self) -> str | None:
        """The document that will probably be next."""
        with self._work() as connection:
            row = connection.execute(_OLDEST_QUEUED).fetchone()
        return row["document_id"] if row and not self._closing.is_set() else None

    def _do(self, task: _Task) -> tuple[FileState, str]:
        document = self._library.get(task.document_id)
        if document.state == "indexed":
            return "already indexed", ""
        self._count(task.job_id)
        document = self._pipeline.index(
            task.document_id,
            on_page=lambda done, total: self._rate.saw(task.document_id, done),
            cancelled=lambda: self._cancel.is_set() or self._closing.is_set(),
            following=self._following,
        )
        if document.state == "cancelled" and self._closing.is_set() and not self._cancel.is_set():
            self._library.set_state(task.document_id, "queued")
            return "queued", ""
        return document.state, document.reason

    def _count(self, job_id: str) -> None:
        """Before the first file: how many pages all of them have, so that the time left can be told."""
        with self._work() as connection:
            rows = connection.execute(
                "SELECT document_id FROM job_files JOIN documents USING (document_id) "
                "WHERE job_id = ? AND job_files.state = 'queued' AND pages = 0",
                (job_id,),
            ).fetchall()
        if rows and not self._cancel.is_set():
            self._pipeline.count({row["document_id"] for row in rows})

    def _finish(self, task: _Task, state: FileState, reason: str) -> None:
        with self._changed, self._work() as connection:
            connection.execute(
                "UPDATE job_files SET state = ?, reason = ? WHERE job_id = ? AND position = ?",
                (state, one_line(reason), task.job_id, task.position),
            )
            self._task = None
        with self._changed:
            self._changed.notify_all()

    def _let_go(self, connection: sqlite3.Connection, document_id: str) -> None:
        """Mark a queued document as cancelled unless another job wants it."""
        connection.execute(
            "UPDATE documents SET state = 'cancelled', reason = 'Cancelled before it began; add it again.' "
            "WHERE document_id = ? AND state = 'queued' AND document_id NOT IN "
            "(SELECT document_id FROM job_files WHERE state IN ('queued', 'running'))",
            (document_id,),
        )

    def _seconds_left(self, job_id: str, own: int) -> float | None:
        """Time for the job's own pages and those of the jobs before it."""
        pages = own
        for other in self.active():
            if other == job_id:
                break
            with self._work() as connection:
                row = connection.execute(
                    "SELECT coalesce(sum(pages - pages_indexed), 0) AS n FROM job_files JOIN documents "
                    "USING (document_id) WHERE job_id = ? AND job_files.state IN ('queued', 'running')",
                    (other,),
                ).fetchone()
            pages += max(row["n"], 0)
        return self._rate.seconds_for(pages)
