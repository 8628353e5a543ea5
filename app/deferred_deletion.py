"""Deletion that can be taken back: a document is out of sight at once, and gone a little later."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from pagelight.ingest.library import Library
from pagelight.retrieval.errors import PagelightError

log = logging.getLogger("pagelight.service")

#: seconds in which a deletion can be taken back: somewhat longer than the page offers it
GRACE_SECONDS = 15.0


class DeferredDeletion:
    """Safe for several threads. What waits when the process ends is removed at its next start."""

    def __init__(self, library: Library, remove: Callable[[str], None]) -> None:
        """remove: takes a document out of the index and the library"""
        self._library = library
        self._remove = remove
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()

    def begin(self, document_ids: Sequence[str], seconds: float = GRACE_SECONDS) -> None:
        """Hide the documents now and remove them when the time is over. Raises NotFound, before anything is hidden."""
        self._library.hide(document_ids)
        timer = threading.Timer(seconds, self._finish, [tuple(document_ids)])
        timer.daemon = True
        with self._lock:
            self._timers = [waiting for waiting in self._timers if waiting.is_alive()] + [timer]
            timer.start()

    def undo(self, document_ids: Sequence[str]) -> list[str]:
        """Bring back those that are not gone yet; their ids."""
        return self._library.unhide(document_ids)

    def close(self) -> None:
        with self._lock:
            for timer in self._timers:
                timer.cancel()

    def _finish(self, document_ids: Sequence[str]) -> None:
        hidden = set(self._library.unfinished_deletions())
        for document_id in document_ids:
            if document_id not in hidden:
                continue
            try:
                self._remove(document_id)
            except PagelightError as error:
                log.warning("deleting %s: %s", document_id, error)
