"""Folders that an open library follows by itself, and what keeps it from following them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pagelight.ingest.watch import Change
from pagelight.retrieval.errors import PagelightError

log = logging.getLogger(__name__)

#: until folders are followed anew after an error, such as a full disk (time)
_AGAIN_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class FollowedFolder:
    """A folder whose files are documents of the library. trouble: one line, empty while it is followed"""

    folder: Path
    trouble: str = ""


class Following:
    """A thread that follows folders, from `start` to `close`."""

    def __init__(
        self,
        folders: Sequence[Path],
        watch: Callable[[Sequence[Path], threading.Event], Iterator[Change]],
    ) -> None:
        """watch: yields what was done with each folder, until the event is set"""
        self._troubles = dict.fromkeys(folders, "")
        self._watch = watch
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def folders(self) -> tuple[FollowedFolder, ...]:
        """Each folder, and how it is with it."""
        return tuple(FollowedFolder(folder, trouble) for folder, trouble in self._troubles.items())

    def start(self) -> None:
        """Once; without folders nothing happens."""
        if self._troubles and self._thread is None and not self._stop.is_set():
            self._thread = threading.Thread(target=self._follow, name="pagelight-follow", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop after the present look."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                for change in self._watch(tuple(self._troubles), self._stop):
                    self._take(change.folder, change.trouble)
            except PagelightError as error:
                self._fail(str(error))
            except Exception as error:
                log.exception("folders cannot be followed")
                self._fail(f"folders cannot be followed ({error}); the log has the details")

    def _take(self, folder: Path, trouble: str) -> None:
        if trouble and trouble != self._troubles.get(folder):
            log.warning("%s", trouble)
        self._troubles[folder] = trouble

    def _fail(self, reason: str) -> None:
        for folder in self._troubles:
            self._take(folder, reason)
        self._stop.wait(_AGAIN_SECONDS)
