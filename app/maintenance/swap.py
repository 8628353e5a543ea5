"""The new index takes the old one's place, whatever interrupts that."""

from __future__ import annotations

import shutil
from pathlib import Path

INDEX = "index"
#: the folder in which `reindex` works
DRAFT = "reindex"
#: the index that was replaced, for the moment between two renames
_OLD = "index.old"


def swap_index(folder: Path) -> None:
    """Put the finished draft's index in place."""
    if (folder / INDEX).exists():
        (folder / INDEX).rename(folder / _OLD)
    (folder / DRAFT / INDEX).rename(folder / INDEX)
    finish_swap(folder)


def finish_swap(folder: Path) -> None:
    """What a crash between the two renames left: the new index is whole by then. Nothing to do otherwise."""
    if not (folder / _OLD).exists():
        return
    if not (folder / INDEX).exists() and (folder / DRAFT / INDEX).exists():
        (folder / DRAFT / INDEX).rename(folder / INDEX)
    if (folder / INDEX).exists():
        shutil.rmtree(folder / _OLD)
        shutil.rmtree(folder / DRAFT, ignore_errors=True)
