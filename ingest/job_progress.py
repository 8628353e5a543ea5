"""How far a job is, and how long it will still take."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque

#: the rate is that of the last so many batches
_WINDOW = 20


class Rate:
    """Pages a second over the last few batches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, int]] = deque(
            maxlen=_WINDOW
        )  # (seconds, pages so far in this process)
        self._document, self._done = "", 0

    def saw(self, document_id: str, done: int) -> None:
        """`done` pages of a document are indexed now."""
        with self._lock:
            total = self._seen[-1][1] if self._seen else 0
            if document_id == self._document:
                total += max(done - self._done, 0)
            self._document, self._done = document_id, done
            self._seen.append((time.monotonic(), total))

    def seconds_for(self, pages: int) -> float | None:
        """Seconds that the pages will take at this rate, or None before there is one."""
        with self._lock:
            if len(self._seen) < 2:
                return None
            (start, before), (end, after) = self._seen[0], self._seen[-1]
        if after <= before:
            return None
        return round(pages * (end - start) / (after - before), 1)


def pages_of(row: sqlite3.Row) -> tuple[int, int]:
    """(done, total) of one file; a file that has ended counts its skipped pages as done, a failed one's not."""
    if row["state"] in {"indexed", "already indexed"}:
        return row["pages"], row["pages"]
    if row["state"] == "failed":
        return row["pages_indexed"], row["pages_indexed"]
    return row["pages_indexed"], row["pages"]


def job_state(states: list[str], cancelled: bool) -> str:
    if "queued" in states or "running" in states:
        return "running"
    if cancelled:
        return "cancelled"
    return "failed" if states and all(state == "failed" for state in states) else "done"
