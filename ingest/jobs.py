"""Indexing in the background: a queue that outlives the browser's tab and the program, and its progress."""

from __future__ import annotations

import logging
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pagelight.ingest.collections import seeing, seen_collections
from pagelight.ingest.document import name_key, one_line, storable_name
from pagelight.ingest.job_progress import job_state, pages_of
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import INTERNAL, Pipeline
from pagelight.ingest.recovery import finish_deletions, name_recovered, requeue, requeue_lost
from pagelight.ingest.worker import FileState, Worker
from pagelight.retrieval.errors import InvalidInput, NotAuthorized, NotFound, PagelightError

log = logging.getLogger(__name__)

#: finished jobs that can still be asked about
_KEPT_JOBS = 500
#: (name, document id, state, reason, whether it replaces older versions)
_Row = tuple[str, str, FileState, str, bool]
_OLDER = """(
SELECT group_concat(DISTINCT old.document_id) FROM names AS new JOIN names AS old USING (key, place)
JOIN documents AS other ON other.document_id = old.document_id
WHERE new.document_id = job_files.document_id AND old.document_id <> new.document_id AND new.rowid > old.rowid
AND NOT other.deleting)"""

_QUEUED_OR_RUNNING = "(SELECT job_id FROM job_files WHERE state IN ('queued', 'running'))"


class Jobs:
    """One worker thread and its queue, which is kept in the library's database."""

    def __init__(
        self, library: Library, pipeline: Pipeline, is_busy: Callable[[], bool] = lambda: False
    ) -> None:
        """is_busy: whether somebody searches, which goes before deepening"""
        self._library = library
        self._pipeline = pipeline
        self._work = library.database.work
        self._changed = threading.Condition()  # something was queued, finished or closed
        self._worker = Worker(library, pipeline, self._changed, is_busy)

    @property
    def trouble(self) -> str:
        """One line while the queue cannot be worked on; else empty."""
        return self._worker.trouble

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

    def status(self, job_id: str) -> dict[str, Any]:
        """`/job_status`: state, pages_done, pages_total, pages_shallow, seconds_left (None: not known yet) and files.

        pages_shallow: of the pages that are done, those whose meaning is still to come; they can be found already
        A file's `document` is what its content is called in the library, `older` the ids of older versions that
        are there. Raises NotFound.
        """
        with self._work() as connection:
            job = connection.execute("SELECT cancelled FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            rows = connection.execute(
                "SELECT job_files.name, job_files.document_id, job_files.state, job_files.reason, "
                "coalesce(pages, 0) AS pages, coalesce(pages_indexed, 0) AS pages_indexed, "
                f"coalesce(pages_shallow, 0) AS pages_shallow, {_OLDER} AS older "
                "FROM job_files LEFT JOIN documents USING (document_id) WHERE job_id = ? ORDER BY position",
                (job_id,),
            ).fetchall()
        if job is None:
            raise NotFound("There is no such job.")
        self._check(job_id)
        counts = [pages_of(row) for row in rows]
        done, total = sum(count[0] for count in counts), sum(count[1] for count in counts)
        trouble = self._worker.trouble
        files = [self._file(row, trouble) for row in rows]
        state = job_state([file["state"] for file in files], bool(job["cancelled"]))
        return {
            "state": state,
            "pages_done": done,
            "pages_total": total,
            "pages_shallow": sum(row["pages_shallow"] for row in rows),
            "seconds_left": self._seconds_left(job_id, total - done) if state == "running" else 0.0,
            "files": files,
        }

    def active(self) -> list[str]:
        """Jobs with files that are queued or running, oldest first."""
        return self._job_ids(f"job_id IN {_QUEUED_OR_RUNNING}")

    def open(self) -> list[str]:
        """The active ones, and those with files that failed or were cancelled until `dismiss`; oldest first."""
        unhappy = "(SELECT job_id FROM job_files WHERE state IN ('failed', 'cancelled'))"
        return self._job_ids(f"job_id IN {_QUEUED_OR_RUNNING} OR (NOT dismissed AND job_id IN {unhappy})")

    def dismiss(self, job_id: str) -> None:
        """Note that a job's failures have been read. Raises NotFound, NotAuthorized."""
        self._check(job_id, to_write=True)
        with self._work() as connection:
            known = connection.execute("UPDATE jobs SET dismissed = 1 WHERE job_id = ?", (job_id,)).rowcount
        if not known:
            raise NotFound("There is no such job.")

    def cancel(self, job_id: str) -> None:
        """End a job; pages that are stored stay. A finished job is left as it is.

        Raises NotFound, NotAuthorized.
        """
        self._check(job_id, to_write=True)
        with self._changed, self._work() as connection:
            known = connection.execute("SELECT 1 FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            if known is None:
                raise NotFound("There is no such job.")
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
        with self._changed, self._work() as connection:
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
        with self._changed, self._work() as connection:
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
        with self._changed, self._work() as connection:
            requeue(connection)
            orphans = connection.execute(
                "SELECT document_id, name FROM documents WHERE state = 'queued' AND NOT deleting "
                "AND document_id NOT IN (SELECT document_id FROM job_files WHERE state = 'queued') ORDER BY rowid"
            ).fetchall()
        if orphans:
            return self._insert([(row["name"], row["document_id"], "queued", "", False) for row in orphans])
        if self.active() or self._library.next_shallow():
            self._worker.wake()
        return None

    def wait(self, job_id: str, seconds: float | None = None, deep: bool = False) -> bool:
        """Wait until the job has ended; False when the seconds are over first. Raises NotFound.

        deep: until what its pages mean is known, too, or the queue is in trouble
        """

        def is_over() -> bool:
            status = self.status(job_id)
            is_deep = not deep or not status["pages_shallow"] or bool(self._worker.trouble)
            return self._worker.closing or (status["state"] != "running" and is_deep)

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
        with self._changed, self._work() as connection:
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
                f"AND job_id NOT IN {_QUEUED_OR_RUNNING}",
                (_KEPT_JOBS,),
            )
        self._worker.wake()
        return job_id

    def _file(self, row: sqlite3.Row, trouble: str) -> dict[str, Any]:
        """One file of a status; while the queue is in trouble, what waits has failed for now."""
        document_id = row["document_id"]
        waits = row["state"] in ("queued", "running")
        return {
            "name": row["name"],
            "document_id": document_id,
            "document": self._library.labels().get(document_id, row["name"]),
            "state": "failed" if trouble and waits else row["state"],
            "reason": trouble if trouble and waits else row["reason"],
            "older": (row["older"] or "").split(",") if row["older"] else [],
        }

    def _job_ids(self, condition: str) -> list[str]:
        with self._work() as connection:
            rows = connection.execute(f"SELECT job_id FROM jobs WHERE {condition} ORDER BY rowid").fetchall()
        collections, ids = seen_collections(), [str(row["job_id"]) for row in rows]
        return [one for one in ids if collections is None or self._keys(one) & collections.readable]

    def _check(self, job_id: str, *, to_write: bool = False) -> None:
        """Raises NotFound where whoever asks does not see the job's collections, NotAuthorized where they may not change them."""
        collections = seen_collections()
        if collections is None:
            return
        keys = self._keys(job_id)
        if not keys & collections.readable:
            raise NotFound("There is no such job.")
        if to_write and not keys <= collections.writable:
            raise NotAuthorized("you may not change this job")

    def _keys(self, job_id: str) -> set[str]:
        """The tags that a job's documents were given, as keys."""
        with self._work() as connection:
            rows = connection.execute("SELECT key FROM job_tags WHERE job_id = ?", (job_id,)).fetchall()
        return {row["key"] for row in rows}

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

    def _seconds_left(self, job_id: str, own: int) -> float | None:
        """Time for the job's own pages and those of the jobs before it."""
        pages = own
        with seeing(None):
            active = self.active()
        for other in active:
            if other == job_id:
                break
            with self._work() as connection:
                row = connection.execute(
                    "SELECT coalesce(sum(pages - pages_indexed), 0) AS n FROM job_files JOIN documents "
                    "USING (document_id) WHERE job_id = ? AND job_files.state IN ('queued', 'running')",
                    (other,),
                ).fetchone()
            pages += max(row["n"], 0)
        return self._worker.rate.seconds_for(pages)
