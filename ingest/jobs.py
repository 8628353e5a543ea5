"""Indexing in the background: a queue that outlives the browser's tab and the program."""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pagelight.ingest.collections import seeing
from pagelight.ingest.document import name_key, one_line, storable_name
from pagelight.ingest.job_progress import FileState
from pagelight.ingest.job_records import QUEUED_OR_RUNNING, JobRecords, no_such_job
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import INTERNAL, Pipeline
from pagelight.ingest.recovery import CrashRecord, finish_deletions, name_recovered, requeue, requeue_lost
from pagelight.ingest.worker import Worker
from pagelight.retrieval.errors import InvalidInput, NotFound, PagelightError

log = logging.getLogger(__name__)

#: finished jobs that can still be asked about (limit)
_KEPT_JOBS = 500
#: (name, document id, state, reason, whether it replaces older versions)
_Row = tuple[str, str, FileState, str, bool]


class Jobs(JobRecords):
    """One worker thread and its queue, which is kept in the library's database."""

    def __init__(
        self, library: Library, pipeline: Pipeline, is_busy: Callable[[], bool] = lambda: False
    ) -> None:
        """is_busy: whether somebody searches, which goes before deepening"""
        self._changed = threading.Condition()  # something was queued, finished or closed
        super().__init__(library, Worker(library, pipeline, self._changed, is_busy))
        self._pipeline = pipeline
        self._crash_record = CrashRecord(library.folder)

    def submit(
        self,
        files: Iterable[tuple[Path, str]],
        *,
        in_place: bool = False,
        replace: bool = False,
        tags: Sequence[str] = (),
        instead_of: str = "",
    ) -> str:
        """Copy files (path, name) into the library and queue them; the job's id.

        A file that is refused is part of the job, with its reason; the others carry on.
        in_place: the paths are where the files stay, so that a newer version of one is recognised later
        replace: once a newer version is indexed, the older ones go
        instead_of: a document that the files are a newer version of, whatever they are called
        """
        rows = [
            self._add(path, name, str(path) if in_place else "", replace, tags, instead_of)
            for path, name in files
        ]
        return self._insert(rows, tags)

    def dismiss(self, job_id: str) -> None:
        """Note that a job's failures have been read. Raises NotFound, NotAuthorized."""
        self._check(job_id, to_write=True)
        known = self._database.change("UPDATE jobs SET dismissed = 1 WHERE job_id = ?", job_id)
        if not known:
            raise no_such_job()

    def cancel(self, job_id: str) -> None:
        """End a job; pages that are stored stay. A finished job is left as it is.

        Raises NotFound, NotAuthorized.
        """
        self._check(job_id, to_write=True)
        with self._changed, self._database.work() as connection:
            known = connection.execute("SELECT 1 FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            if known is None:
                raise no_such_job()
            queued = self._cancel_queued(connection, "job_id = ?", job_id)
            running = self._worker.task is not None and self._worker.task.job_id == job_id
            if queued or running:
                connection.execute("UPDATE jobs SET cancelled = 1 WHERE job_id = ?", (job_id,))
            if running:
                self._worker.cancel_task()
            self._changed.notify_all()

    def cancel_file(self, job_id: str, position: int) -> None:
        """End one file of a job, counted from 0; the others carry on, one that has ended is left as it is.

        Raises NotFound, NotAuthorized.
        """
        self._check(job_id, to_write=True)
        with self._changed, self._database.work() as connection:
            ours = (job_id, position)
            known = connection.execute(
                "SELECT 1 FROM job_files WHERE job_id = ? AND position = ?", ours
            ).fetchone()
            if known is None:
                raise NotFound("There is no such file in this job.")
            self._cancel_queued(connection, "job_id = ? AND position = ?", *ours)
            task = self._worker.task
            if task and (task.job_id, task.position) == ours:
                self._worker.cancel_task()
            self._changed.notify_all()

    def retry(self, document_ids: Sequence[str]) -> str:
        """Go on with documents that failed or were cancelled; the new job's id. Raises NotFound, InvalidInput."""
        documents = [self._library.get(document_id) for document_id in dict.fromkeys(document_ids)]
        ended = [document for document in documents if document.state in ("failed", "cancelled")]
        if not ended:
            raise InvalidInput(
                "none of these documents failed or was cancelled; there is nothing to do again"
            )
        with self._changed, self._database.work() as connection:
            for document in ended:
                connection.execute(
                    "UPDATE documents SET state = 'queued', reason = '', deaths = 0 WHERE document_id = ?",
                    (document.document_id,),
                )
            tags = [tag for document in ended for tag in document.tags]
            return self._insert([(d.name, d.document_id, "queued", "", False) for d in ended], tags)

    def resume(self) -> str | None:
        """Take up what an earlier process left unfinished; the id of a job made for documents that had none.

        Documents whose pages the store has lost (it was emptied, or its folder removed) are indexed again.
        """
        with seeing(None):
            return self._resume()

    def _resume(self) -> str | None:
        finish_deletions(self._library, self._pipeline)
        name_recovered(self._library, self._pipeline.store)
        requeue_lost(self._library, self._pipeline.store)
        with self._changed, self._database.work() as connection:
            requeue(connection, counts=not self._crash_record.was_from_outside)
            self._crash_record.watch()
            orphans = connection.execute(
                "SELECT document_id, name FROM documents WHERE state = 'queued' AND NOT deleting "
                "AND document_id NOT IN (SELECT document_id FROM job_files WHERE state = 'queued') ORDER BY rowid"
            ).fetchall()
        if orphans:
            return self._insert([(row["name"], row["document_id"], "queued", "", False) for row in orphans])
        if self.active() or self._library.next_shallow() or not self._pipeline.store.has_current_centroids:
            self._worker.wake()
        return None

    def wait(self, job_id: str, seconds: float | None = None, deep: bool = False) -> bool:
        """Wait until the job has ended; False when the seconds are over first. Raises NotFound.

        deep: until what its pages mean is known, too, or the queue is in trouble
        """

        def is_over() -> bool:
            status = self.status(job_id)
            is_deep = not deep or status.is_deep or bool(self._worker.trouble)
            return self._worker.closing or (status.has_ended and is_deep)

        with self._changed:
            return self._changed.wait_for(is_over, seconds)

    def wait_until_deep(self, seconds: float | None = None) -> bool:
        """Wait until nothing is queued and the meaning of all pages is known; False when the seconds are over first, or
        the queue is in trouble."""

        def is_over() -> bool:
            return self._is_deep() or bool(self._worker.trouble) or self._worker.closing

        with self._changed:
            self._changed.wait_for(is_over, seconds)
            return self._is_deep()

    def _is_deep(self) -> bool:
        deep, pages = self._library.depth()
        return deep == pages and not self.active()

    def close(self) -> None:
        """End the worker; what is unfinished goes on with the next `resume`."""
        if self._worker.close():
            self._pipeline.close()
            self._crash_record.end()

    def _add(
        self, path: Path, name: str, place: str, replace: bool, tags: Sequence[str], instead_of: str
    ) -> _Row:
        try:
            document, wanted = self._library.add(path, name, place, tags)
            if instead_of not in ("", document.document_id):
                self._library.take_names(document.document_id, instead_of)
            replaces = replace and bool(self._library.older_versions(document.document_id))
        except PagelightError as error:
            return name, "", "failed", str(error), False
        except Exception:
            log.exception("adding %r", name)
            return name, "", "failed", INTERNAL, False
        # with something to replace, a file that is indexed already takes its turn, too
        state: FileState = "queued" if wanted or replaces else "already indexed"
        return name, document.document_id, state, "", replaces

    def _insert(self, rows: Sequence[_Row], tags: Iterable[str] = ()) -> str:
        job_id = uuid.uuid4().hex
        with self._changed, self._database.work() as connection:
            connection.execute("INSERT INTO jobs (job_id) VALUES (?)", (job_id,))
            connection.executemany(
                "INSERT OR IGNORE INTO job_tags (job_id, key) VALUES (?, ?)",
                [(job_id, name_key(tag)) for tag in tags],
            )
            connection.executemany(
                "INSERT INTO job_files (job_id, position, name, document_id, state, reason, replaces) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (job_id, position, storable_name(name), document_id, state, one_line(reason), replaces)
                    for position, (name, document_id, state, reason, replaces) in enumerate(rows)
                ],
            )
            connection.execute(
                "DELETE FROM jobs WHERE rowid <= (SELECT max(rowid) FROM jobs) - ? "
                f"AND job_id NOT IN {QUEUED_OR_RUNNING}",
                (_KEPT_JOBS,),
            )
        self._worker.wake()
        return job_id

    def _cancel_queued(self, connection: sqlite3.Connection, which: str, *values: object) -> int:
        """Cancel the queued files that fit, and their documents unless another job wants them; how many."""
        ours = f"{which} AND state = 'queued'"
        queued = connection.execute(f"SELECT document_id FROM job_files WHERE {ours}", values).fetchall()
        connection.execute(
            f"UPDATE job_files SET state = 'cancelled', reason = 'Cancelled before it began.' WHERE {ours}",
            values,
        )
        for row in queued:
            connection.execute(
                "UPDATE documents SET state = 'cancelled', reason = 'Cancelled before it began; add it again.' "
                "WHERE document_id = ? AND state = 'queued' AND document_id NOT IN "
                "(SELECT document_id FROM job_files WHERE state IN ('queued', 'running'))",
                (row["document_id"],),
            )
        return len(queued)
