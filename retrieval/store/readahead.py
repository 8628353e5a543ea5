"""Readahead: the index's files brought into the system's page cache before anybody searches."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

#: what the system is asked to keep of the files at most: a quarter of a machine with 16 GB (limit)
_AHEAD_BYTES = 4 << 30
#: ... and in one call, of which Linux leaves out what is beyond some MB (block)
_STEP_BYTES = 2 << 20


def read_ahead(folder: Path) -> None:
    """Ask the system to read the files, newest first, which takes none of this process's memory.

    Qdrant lets go of what it does not need at once, and does not read beyond what it asks for: a page that nobody read
    before took four reads from the disk, a millisecond in all.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    left, found = _AHEAD_BYTES, list[Path]()
    with suppress(OSError):  # a folder that goes away meanwhile needs nothing
        # Qdrant's own alone: opening a file of SQLite and closing it would drop the locks that this process has on it
        found = sorted((folder / "shard").rglob("*.*"), key=_changed_at, reverse=True)
    for path in found:
        with suppress(OSError), path.open("rb") as file:  # an optimizer may just have removed it
            status = os.fstat(file.fileno())
            left -= status.st_blocks * 512
            if left < 0:
                return
            for start in range(0, status.st_size, _STEP_BYTES):
                os.posix_fadvise(file.fileno(), start, _STEP_BYTES, os.POSIX_FADV_WILLNEED)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
