"""The disk: its free room, checked before anything is written; what a folder takes; files that outlast a loss of power."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

from pagelight.retrieval.errors import DiskFull, StoreUnavailable

#: bytes that stay free. Qdrant and SQLite map files whose blocks are only taken when they are written: on a full disk
#: such a write ends the process (SIGBUS). Room for one batch of the largest encoder (16 pages of 1,000 x 128 floats,
#: 8 MB, twice while a segment is rewritten) and for SQLite's log (limit)
RESERVE = 32 << 20
#: bytes that have to be free before an index is opened: its files are mapped, and some of their blocks are taken then (seen: 1.9 MB
#: for one segment; there are eight at most) (limit)
OPENING = 8 << 20


def free_bytes(folder: Path) -> int:
    """Bytes that can still be written in `folder`. Raises StoreUnavailable where it is gone."""
    try:
        return shutil.disk_usage(folder).free
    except FileNotFoundError as error:
        raise StoreUnavailable(f"The folder {folder} is gone; put it back") from error


def require_room(folder: Path, n_bytes: int = 0) -> None:
    """Raises DiskFull unless `n_bytes` and the reserve fit into `folder`."""
    if has_room(folder, n_bytes):
        return
    needed = (n_bytes + RESERVE) // 1_000_000 + 1
    raise DiskFull(f"The disk is full: {folder} needs {needed:,} MB of room; free it and try again")


def require_room_to_open(folder: Path) -> None:
    """Raises DiskFull where opening the index in `folder` might end the process."""
    require_room(folder, OPENING - RESERVE)


def has_room(folder: Path, n_bytes: int = 0) -> bool:
    return free_bytes(folder) >= n_bytes + RESERVE


def used_bytes(folder: Path) -> int:
    """Bytes that the files of `folder` take up; sizes of sparse files, as Qdrant's are, tell nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.stat(os.path.join(parent, name))
            except FileNotFoundError:  # an optimizer just removed it
                continue
            total += getattr(status, "st_blocks", math.ceil(status.st_size / 512)) * 512
    return total


def write_durably(path: Path, content: bytes) -> None:
    """Write and rename, so that the file is there whole or not at all, and still is after a loss of power."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
