"""Folders that an open library follows by itself, and what keeps it from following them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pagelight.ingest.watch import Change
from pagelight.retrieval.errors import InvalidInput, NotAuthorized, PagelightError

log = logging.getLogger(__name__)

#: until folders are followed anew after an error, such as a full disk (time)
_AGAIN_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class FollowedFolder:
    """A folder whose files are documents of the library.

    trouble: one line, empty while it is followed; is_chosen: by people and not by the settings, so that they can let it go
    """

    folder: Path
    trouble: str = ""
    is_chosen: bool = False


def checked_folder(text: str, roots: Sequence[Path]) -> Path:
    """A folder that somebody at a browser names, which has to lie in one of the roots. Raises NotAuthorized, InvalidInput.

    Links are looked through: none leads out of the roots.
    """
    folder = Path(text.strip()).expanduser()
    real = folder.resolve()
    if not folder.is_absolute() or not any(real.is_relative_to(root.resolve()) for root in roots):
        named = ", ".join(map(str, roots)) or "none"
        raise NotAuthorized(f"only folders in these can be followed: {named}")
    if not real.is_dir():
        raise InvalidInput(f"{folder} is no folder")
    return real


class Following:
    """A thread that follows folders, from `start` to `close`; which ones can change meanwhile."""

    def __init__(
        self, folders: Sequence[Path], watch: Callable[[Sequence[Path], threading.Event], Iterator[Change]]
    ) -> None:
        """watch: yields what was done with each folder, until the event is set"""
        self._troubles = dict.fromkeys(folders, "")
        self._watch = watch
        self._stop = threading.Event()  # of the present round
        self._is_closed = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def folders(self) -> tuple[FollowedFolder, ...]:
        """Each folder, and how it is with it."""
        return tuple(FollowedFolder(folder, trouble) for folder, trouble in self._troubles.items())

    def start(self) -> None:
        """Once; without folders nothing happens until there are some."""
        with self._lock:
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._follow, name="pagelight-follow", daemon=True)
                self._thread.start()

    def change(self, folders: Sequence[Path]) -> None:
        """Follow these from now on, after the present look."""
        with self._lock:
            self._troubles = {folder: self._troubles.get(folder, "") for folder in folders}
            self._stop.set()

    def close(self) -> None:
        """Stop after the present look."""
        with self._lock:
            self._is_closed = True
            self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self) -> None:
        while folders := self._next_round():
            try:
                for change in self._watch(folders, self._stop):
                    self._take(change.folder, change.trouble)
            except PagelightError as error:
                self._fail(str(error))
            except Exception as error:
                log.exception("folders cannot be followed")
                self._fail(f"folders cannot be followed ({error}); the log has the details")

    def _next_round(self) -> tuple[Path, ...]:
        """The folders to follow, once there are any; none when it is closed."""
        while True:
            with self._lock:
                if self._is_closed:
                    return ()
                if self._stop.is_set():
                    self._stop = threading.Event()
                stop, folders = self._stop, tuple(self._troubles)
            if folders:
                return folders
            stop.wait()

    def _take(self, folder: Path, trouble: str) -> None:
        with self._lock:
            before = self._troubles.get(folder)
            if before is None:  # let go meanwhile
                return
            self._troubles[folder] = trouble
        if trouble and trouble != before:
            log.warning("%s", trouble)

    def _fail(self, reason: str) -> None:
        for folder in tuple(self._troubles):
            self._take(folder, reason)
        self._stop.wait(_AGAIN_SECONDS)
