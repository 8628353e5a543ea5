"""Copies of libraries: most of their 140 MB is room that Qdrant reserves, and a copy need not fill it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def copy_library(source: Path, target: Path) -> Path:
    """A folder with the same files, as sparse as they are."""
    return Path(shutil.copytree(source, target, copy_function=_copy_written_parts))


def _copy_written_parts(source: str, target: str) -> str:
    with open(source, "rb") as old, open(target, "wb") as new:
        size = new.truncate(os.fstat(old.fileno()).st_size)
        end = 0
        while end < size:
            try:
                start = os.lseek(old.fileno(), end, os.SEEK_DATA)
            except OSError:  # only room is left
                break
            end = os.lseek(old.fileno(), start, os.SEEK_HOLE)
            new.seek(start)
            new.write(os.pread(old.fileno(), end - start, start))
    return target
