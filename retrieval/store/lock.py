"""One process at a time in a data folder."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from threading import Lock

from pagelight.retrieval.errors import StoreLocked

_held: set[Path] = set()
_held_lock = Lock()


class FolderLock:
    """Holds `folder` for this process; the system lets go of it when the process ends, however it ends.

    A POSIX record lock, since children of this process do not inherit it; it does not keep the same process out
    a second time, so a set of held folders does that.
    """

    def __init__(self, folder: Path) -> None:
        """Raises StoreLocked where somebody holds the folder already."""
        self._path = (folder / "lock").resolve()
        with _held_lock:
            if self._path in _held:
                raise StoreLocked(_message(folder))
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(descriptor)
                if error.errno not in (errno.EAGAIN, errno.EACCES):  # a file system without locks
                    raise
                raise StoreLocked(_message(folder)) from error
            _held.add(self._path)
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let go; a second call does nothing."""
        with _held_lock:
            if self._descriptor is None:
                return
            _held.discard(self._path)
            os.close(self._descriptor)
            self._descriptor = None


def _message(folder: Path) -> str:
    return (
        f"Another Pagelight has {folder} open; stop it, or use --data with another folder, "
        "or run a Qdrant server and give --qdrant-url"
    )
