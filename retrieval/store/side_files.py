"""Side files: small files beside an index's pages, such as learned centroids."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from pagelight.retrieval.disk import require_room
from pagelight.retrieval.store.edge_errors import edge_errors

#: of their names in a folder (form)
_SUFFIX = ".kept"


class SideFiles(Protocol):
    """Files by name, in a folder or on a server."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file: there whole or not at all, durable when it returns."""

    def names(self) -> list[str]:
        """The names of the files that are whole."""

    def read(self, name: str) -> bytes | None:
        """The file, None where there is none."""

    def remove(self, name: str) -> None:
        """Remove a file; an unknown name is ignored."""


class FolderFiles:
    """`SideFiles` in a folder of the embedded index."""

    def __init__(self, folder: Path, exclusive: Callable[[], AbstractContextManager[None]]) -> None:
        """folder: made with the first file; exclusive: held while a file is written or removed"""
        self._folder, self._exclusive = folder, exclusive

    def write(self, name: str, content: bytes) -> None:
        with self._exclusive():
            require_room(self._folder.parent, len(content))
            self._folder.mkdir(exist_ok=True)
            write_durably(self._path(name), content)

    def names(self) -> list[str]:
        return [path.stem for path in self._folder.glob(f"*{_SUFFIX}")]

    def read(self, name: str) -> bytes | None:
        with edge_errors(self._folder.parent):
            return self._path(name).read_bytes() if self._path(name).exists() else None

    def remove(self, name: str) -> None:
        with self._exclusive():
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"


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
