"""Recovery of what an earlier process left behind, and a record of how it ended.

Only a crash speaks against the document at hand. A fatal signal leaves its trace in a file; SIGKILL leaves none, and
where the kernel sent it for want of memory, the kernel has counted it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import re
import sqlite3
from pathlib import Path
from typing import TextIO

from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.retrieval.errors import PagelightError
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import page_id

log = logging.getLogger(__name__)
#: deaths of the whole program, with the same page of a document next, before that document is given up (limit)
_DEATHS = 3
#: the kernel's count of processes that it killed for want of memory; there is none outside of Linux
_COUNTS = Path("/proc/vmstat")


def finish_deletions(library: Library, pipeline: Pipeline) -> None:
    """Remove what an earlier process had begun to remove."""
    for document_id in library.unfinished_deletions():
        try:
            pipeline.remove(document_id)
        except PagelightError:
            log.exception("finishing the deletion of %s", document_id)


def name_recovered(library: Library, store: PageStore) -> None:
    """Documents that were taken up from their files alone get the names that the index remembers."""
    for document in library.documents():
        if document.name == library.recovered_name(document.document_id, document.type):
            pages = sorted(store.page_numbers(document.document_id))
            for page in store.fetch([page_id(document.document_id, number) for number in pages[:1]]):
                library.rename(document.document_id, page.document)


def requeue(connection: sqlite3.Connection, counts: bool = True) -> None:
    """Running becomes queued; unless its job was cancelled, or it has taken the program down too often.

    counts: whether the program died by itself
    """
    cancelled = "state = 'running' AND job_id IN (SELECT job_id FROM jobs WHERE cancelled = 1)"
    connection.execute(
        "UPDATE documents SET state = 'cancelled', reason = 'Cancelled; add it again to go on.' "
        f"WHERE document_id IN (SELECT document_id FROM job_files WHERE {cancelled})"
    )
    connection.execute(f"UPDATE job_files SET state = 'cancelled' WHERE {cancelled}")
    if counts:
        connection.execute("UPDATE documents SET deaths = deaths + 1 WHERE state = 'running'")
    connection.execute(
        "UPDATE documents SET state = 'failed', reason = ? WHERE state = 'running' AND deaths >= ?",
        (f"Pagelight has died {_DEATHS} times at this place; add it again to try once more.", _DEATHS),
    )
    connection.execute(
        "UPDATE job_files SET state = 'failed', reason = (SELECT reason FROM documents "
        "WHERE documents.document_id = job_files.document_id) WHERE state = 'running' AND "
        "document_id IN (SELECT document_id FROM documents WHERE state = 'failed')"
    )
    connection.execute("UPDATE job_files SET state = 'queued' WHERE state = 'running'")
    connection.execute("UPDATE documents SET state = 'queued' WHERE state = 'running'")


def requeue_lost(library: Library, store: PageStore) -> None:
    """Queue indexed documents again whose pages the store does not have (it was emptied, or its folder removed)."""
    indexed = [document for document in library.documents() if document.state == "indexed"]
    try:
        if store.stats().n_pages >= sum(document.pages_indexed for document in indexed):
            return
        for document in indexed:
            stored = len(store.page_numbers(document.document_id))
            if stored < document.pages_indexed:
                library.set_state(document.document_id, "queued", pages_indexed=stored)
                library.set_shallow(document.document_id, len(store.shallow_pages(document.document_id)))
                log.info("%s is read again: pages of it are missing in the index", document.name)
    except PagelightError:
        log.exception("comparing the library with the store")


class CrashRecord:
    """Whether the process before this one crashed by itself, or was killed from outside; one for each data folder.

    In a process that looks for crashes itself (`faulthandler`) nothing is known.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "last-death"
        self._trace: TextIO | None = None

    @property
    def was_from_outside(self) -> bool:
        """Whether the last process that worked on the folder was killed, and not for want of memory."""
        try:
            head, _, trace = self._path.read_text("utf-8", "replace").partition("\n")
        except OSError:
            return False
        return head == _watching() and not trace.strip()

    def watch(self) -> None:
        """Let a crash of this process leave its trace from now on."""
        if self._trace:
            return
        with contextlib.suppress(OSError):
            if faulthandler.is_enabled():
                self._path.unlink(missing_ok=True)
                return
            self._trace = self._path.open("w", encoding="utf-8")
            self._trace.write(f"{_watching()}\n")
            self._trace.flush()
            faulthandler.enable(self._trace)

    def end(self) -> None:
        if self._trace:
            faulthandler.disable()
            self._trace.close()
            self._trace = None


def _watching() -> str:
    try:
        found = re.search(r"^oom_kill (\d+)$", _COUNTS.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return f"killed for want of memory so far: {found[1] if found else 0}"
