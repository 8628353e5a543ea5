"""The thread that indexes what is queued, file by file, and goes on after any error.

While nothing is queued it deepens what is indexed: `ingest.deepening`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Set
from dataclasses import dataclass
from itertools import chain, count

from pagelight.ingest.document import one_line, storable_name
from pagelight.ingest.files import sha256_of
from pagelight.ingest.job_progress import FileState, Rate
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import INTERNAL, Pipeline
from pagelight.ingest.remarks import Attachment
from pagelight.retrieval.errors import DocumentTooLarge, NotFound, PagelightError

log = logging.getLogger(__name__)

#: time that `close` waits for the page at hand; a page has 60 seconds by default (settings: seconds_per_page) (time)
_JOIN_SECONDS = 60.0
#: until another try after the queue itself failed: a full disk is not emptied in less (time)
_RETRY_SECONDS = 5.0
#: searches under way hold the next pages up, by so much at most: somebody always searches on a busy server (time)
_YIELD_SECONDS = 1.0
#: between two looks at whether searches are under way (time)
_LOOK_SECONDS = 0.02
_OLDEST_QUEUED = (
    "SELECT job_id, position, document_id, replaces FROM job_files JOIN jobs USING (job_id) "
    "WHERE state = 'queued' ORDER BY jobs.rowid, position LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Task:
    """One file of a job, claimed by the worker; replaces: older versions of it go once it is indexed."""

    job_id: str
    position: int
    document_id: str
    replaces: bool


class Worker:
    """`changed` is notified whenever a task begins or ends, or pages were deepened; it guards `task` and `trouble`.

    trouble: one line while the queue itself cannot be worked on (a full disk, a folder that is gone)
    """

    def __init__(
        self,
        library: Library,
        pipeline: Pipeline,
        changed: threading.Condition,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """is_busy: whether somebody searches, which goes before deepening"""
        self._is_busy = is_busy
        self._library = library
        self._pipeline = pipeline
        self._database = library.database
        self._changed = changed
        self._cancel = threading.Event()  # the task at hand
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.task: Task | None = None
        self.trouble = ""
        self.rate = Rate()

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def wake(self) -> None:
        """There is something to do, perhaps for the first time."""
        with self._changed:
            self._changed.notify_all()
            if not self.closing and not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._thread.start()

    def cancel_task(self) -> None:
        """End the task at hand after its current pages."""
        self._cancel.set()

    def close(self) -> bool:
        """End the thread; False where it did not end in time."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
            thread = self._thread
        if thread:
            thread.join(_JOIN_SECONDS)
        return not (thread and thread.is_alive())

    def _run(self) -> None:
        while not self.closing:
            try:
                while not self.closing:
                    if task := self._claim():
                        state, reason = self._outcome(task)
                        if state == "failed":
                            self._library.check_folder()  # without it all fail; they are tried again once it is back
                        self._finish(task, state, reason)
                    elif self._pipeline.deepen(self._may_deepen):
                        self._wait()
            except Exception as error:
                expected = isinstance(error, PagelightError)
                log.error(
                    "the worker broke off (%s); it tries again in %.0f seconds",
                    error,
                    _RETRY_SECONDS,
                    exc_info=not expected,
                )
                with self._changed:
                    self.task = None
                    self.trouble = str(error) if expected else INTERNAL
                    self._changed.notify_all()
                self._closing.wait(_RETRY_SECONDS)

    def _claim(self) -> Task | None:
        """Claim the oldest queued file; None where there is none."""
        with self._changed:
            self._library.check_folder()
            with self._database.work() as connection:
                # nobody works on these: the worker broke off in the middle
                connection.execute("UPDATE job_files SET state = 'queued' WHERE state = 'running'")
                row = connection.execute(_OLDEST_QUEUED).fetchone()
                if row:
                    task = Task(**{**dict(row), "replaces": bool(row["replaces"])})
                    connection.execute(
                        "UPDATE job_files SET state = 'running' WHERE job_id = ? AND position = ?",
                        (task.job_id, task.position),
                    )
            self.trouble = ""
            if row:
                self.task = task
                self._cancel.clear()
                return task
            self._pipeline.release()
            self.rate.pause()
        return None

    def _wait(self) -> None:
        """Until something is queued or the worker closes."""
        with self._changed:
            self._changed.wait_for(lambda: self.closing or self._is_queued())

    def _may_deepen(self) -> bool:
        """Whether a few more pages may be deepened now: nothing is queued; who searches goes first, but not for ever."""
        with self._changed:
            self._changed.notify_all()  # how deep the pages are
            if self.closing or self._is_queued():
                return False
        end = time.monotonic() + _YIELD_SECONDS
        while self._is_busy() and time.monotonic() < end and not self._closing.wait(_LOOK_SECONDS):
            pass
        return not self.closing

    def _is_queued(self) -> bool:
        return self._database.row(_OLDEST_QUEUED) is not None

    def _outcome(self, task: Task) -> tuple[FileState, str]:
        try:
            state, reason = self._index(task)
        except NotFound:
            return "cancelled", "It was removed."
        except PagelightError as error:
            return "failed", str(error)
        except Exception:
            log.exception("indexing %s", task.document_id)
            return "failed", INTERNAL
        if task.replaces and state in ("indexed", "already indexed"):
            self._pipeline.replace(task.document_id)
        return state, reason

    def _index(self, task: Task) -> tuple[FileState, str]:
        document = self._library.get(task.document_id)
        if document.state == "indexed":
            return "already indexed", ""
        self._count(task.job_id)
        start = time.perf_counter()
        document = self._pipeline.index(
            task.document_id,
            on_page=lambda done, total: self.rate.record(task.document_id, done),
            cancelled=lambda: self._cancel.is_set() or self.closing,
            following=self._following,
            attached=lambda attachment: self._attach(task, attachment),
        )
        took = 1000 * (time.perf_counter() - start)
        log.info(
            "index: %s, %d pages, %s in %.0f ms", task.document_id[:12], document.pages, document.state, took
        )
        if document.state == "cancelled" and self.closing and not self._cancel.is_set():
            self._library.set_state(task.document_id, "queued")
            return "queued", ""
        return document.state, document.reason

    def _attach(self, task: Task, attachment: Attachment) -> None:
        """Take an attached file into the library, and queue it behind the other files of the job."""
        try:
            document = self._library.get(task.document_id)
            names, ids = self._files_of(task.job_id)
            if sha256_of(attachment.path) in ids:  # taken before an interruption
                return
            name = _free_name(storable_name(f"{document.name} › {one_line(attachment.name)}"), names)
            if not self._library.may_attach(document.document_id):
                raise DocumentTooLarge(
                    "it is one of too many attached files, or too deep; save it and add it"
                )
            child, wanted = self._library.add(
                attachment.path, name, tags=document.tags, attached_to=document.document_id
            )
        except NotFound:  # removed just now
            return
        except PagelightError as error:
            self._queue(task, attachment.name, "", "failed", str(error))
        else:
            state: FileState = "queued" if wanted else "already indexed"
            self._queue(task, name, child.document_id, state, "")
        finally:
            attachment.path.unlink(missing_ok=True)

    def _files_of(self, job_id: str) -> tuple[set[str], set[str]]:
        """Names and document ids of a job's files."""
        rows = self._database.rows("SELECT name, document_id FROM job_files WHERE job_id = ?", job_id)
        return {row["name"] for row in rows}, {row["document_id"] for row in rows}

    def _queue(self, task: Task, name: str, document_id: str, state: FileState, reason: str) -> None:
        with self._changed:
            self._database.change(
                "INSERT INTO job_files (job_id, position, name, document_id, state, reason, replaces) "
                "SELECT ?1, max(position) + 1, ?2, ?3, ?4, ?5, 0 FROM job_files WHERE job_id = ?1",
                task.job_id,
                storable_name(name),
                document_id,
                state,
                one_line(reason),
            )
            self._changed.notify_all()

    def _following(self) -> str | None:
        """The document that will probably be next; not the one at hand, which may be queued under another name."""
        row = self._database.row(_OLDEST_QUEUED)
        if row is None or self.closing or (self.task and row["document_id"] == self.task.document_id):
            return None
        return str(row["document_id"])

    def _count(self, job_id: str) -> None:
        """Before the first file: how many pages all of them have, so that the time left can be told."""
        rows = self._database.rows(
            "SELECT document_id FROM job_files JOIN documents USING (document_id) "
            "WHERE job_id = ? AND job_files.state = 'queued' AND pages = 0",
            job_id,
        )
        if rows and not self._cancel.is_set():
            self._pipeline.count({row["document_id"] for row in rows})

    def _finish(self, task: Task, state: FileState, reason: str) -> None:
        with self._changed:
            self._database.change(
                "UPDATE job_files SET state = ?, reason = ? WHERE job_id = ? AND position = ?",
                state,
                one_line(reason),
                task.job_id,
                task.position,
            )
            self.task = None
            self._changed.notify_all()


def _free_name(name: str, taken: Set[str]) -> str:
    """The name, numbered where it is taken: attached files may be called the same.

    >>> _free_name("a.pdf", {"a.pdf", "a.pdf (2)"})
    'a.pdf (3)'
    """
    numbered = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)
