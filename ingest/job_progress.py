"""Progress of a job, and the time that it will still take."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FileState = Literal["queued", "running", "indexed", "already indexed", "failed", "cancelled"]
JobState = Literal["running", "done", "failed", "cancelled"]

#: the rate is that of the last so many batches (limit)
_WINDOW = 40
#: batches before there is a rate: the first one pays for starting the renderer and the model (limit)
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file of a job. document_id: empty where the file was refused; reason: one line, for files that failed

    document: what its content is called in the library; older: ids of older versions of it that are there
    """

    name: str
    document_id: str
    document: str
    state: FileState
    reason: str
    older: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Progress of a job.

    state: "failed" where every file failed; the files say which and why
    pages_total: 0 until the files have been opened; seconds_left: None until that can be told
    pages_shallow: of those that are done, how many are found by words and looks only, since what their text means is
        still to come
    """

    job_id: str
    state: JobState
    pages_done: int
    pages_total: int
    pages_shallow: int
    seconds_left: float | None
    files: tuple[JobFile, ...]

    @property
    def has_ended(self) -> bool:
        """Everything that can be found can be found."""
        return self.state != "running"

    @property
    def is_deep(self) -> bool:
        """And it is known what it means."""
        return self.has_ended and not self.pages_shallow

    @property
    def failed(self) -> tuple[JobFile, ...]:
        """The files that could not be indexed, each with its reason."""
        return tuple(file for file in self.files if file.state == "failed")


class Rate:
    """Pages a second over the last few batches, pauses and the first batch's start left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: (seconds, pages so far in this process) at the end of each batch
        self._seen: deque[tuple[float, int]] = deque(maxlen=_WINDOW)
        self._document, self._done, self._total = "", 0, 0

    def record(self, document_id: str, done: int) -> None:
        """`done` pages of a document are indexed now."""
        with self._lock:
            new = max(done - self._done, 0) if document_id == self._document else 0
            self._document, self._done = document_id, done
            if new:
                self._total += new
                self._seen.append((time.monotonic(), self._total))

    def pause(self) -> None:
        """Forget the rate's past: nothing is left to do, and the time until there is must not count."""
        with self._lock:
            self._seen.clear()

    def seconds_for(self, pages: int) -> float | None:
        """Seconds that the pages will take at this rate, or None before there is one."""
        with self._lock:
            if len(self._seen) < _FEWEST:
                return None
            (start, before), (end, after) = self._seen[0], self._seen[-1]
        return round(pages * (end - start) / (after - before), 1)


def pages_of(row: sqlite3.Row) -> tuple[int, int]:
    """(done, total) of one file; a file that has ended counts its skipped pages as done, a failed one's not."""
    if row["state"] in {"indexed", "already indexed"}:
        return row["pages"], row["pages"]
    if row["state"] in {"failed", "cancelled"}:
        return row["pages_indexed"], row["pages_indexed"]
    return row["pages_indexed"], row["pages"]


def job_state(states: Sequence[FileState], cancelled: bool) -> JobState:
    if "queued" in states or "running" in states:
        return "running"
    if cancelled:
        return "cancelled"
    return "failed" if states and all(state == "failed" for state in states) else "done"
