"""Qdrant's file of the ids of points, looked through before it is loaded.

A wrong place in it makes Qdrant ask for dozens of gigabytes, which ends the process.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from pagelight.retrieval.errors import LibraryDamaged, repair_hint

_NAME = "mutable_id_tracker.mappings"
#: bytes of each kind of change: a number or a UUID is given a place, or is deleted (form, qdrant-edge 0.9)
_SIZES = {1: 13, 2: 21, 3: 9, 4: 17}
#: the kinds that give a place, which is their last four bytes (form)
_PLACED = (1, 2)
_UUID = 2
#: places beyond the number of changes that are passed over (guard)
_SLACK = 100_000


def check_mappings(folder: Path) -> None:
    """Raises LibraryDamaged where a mapping of the shard in `folder` cannot be true; OSError."""
    for path in (folder / "shard").rglob(_NAME):
        if not _is_sound(path.read_bytes()):
            raise LibraryDamaged(
                f"The index in {folder} is damaged: {path.name} cannot be read; {repair_hint(folder.parent)}"
            )


def _is_sound(content: bytes) -> bool:
    """Whether the changes are of known kinds and give places that can be; half of one at the end is what a crash leaves.

    >>> change = bytes([2]) + bytes(16) + (7).to_bytes(4, "little")
    >>> _is_sound(change), _is_sound(change + change[:9]), _is_sound(change[:-1] + b"\\x7f"), _is_sound(b"\\x09")
    (True, True, False, False)
    """
    size = _SIZES[_UUID]
    whole = np.frombuffer(content, np.uint8, len(content) // size * size).reshape(-1, size)
    if len(content) % size == 0 and bool((whole[:, 0] == _UUID).all()):  # nothing but pages that were added
        places = np.ascontiguousarray(whole[:, -4:]).view("<u4")
        return bool((places < len(whole) + _SLACK).all())
    at = n_changes = furthest = 0
    while at < len(content):
        kind = content[at]
        if kind not in _SIZES:
            return False
        at += _SIZES[kind]
        n_changes += 1
        if kind in _PLACED and at <= len(content):
            furthest = max(furthest, struct.unpack_from("<I", content, at - 4)[0])
    return furthest < n_changes + _SLACK
