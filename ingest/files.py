"""The documents' own bytes, in files that are named by their content's SHA-256 and never change."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pagelight.retrieval.disk import require_room
from pagelight.retrieval.errors import DiskFull, LibraryDamaged, UnreadableDocument

#: bytes that are read at once (block)
_CHUNK = 1 << 20
#: age in seconds from which on half a file is nobody's any more (time)
_ABANDONED_SECONDS = 3600.0
_HEX = frozenset("0123456789abcdef")
#: hex digits of a SHA-256 (form)
ID_DIGITS = 64


class Files:
    """`files/ab/ab…` below a data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "files"
        self.incoming = folder / "incoming"

    def prepare(self) -> None:
        """Make the folders, and throw away halves of files from a process that was killed."""
        for path in (self.folder, self.incoming):
            make_folder(path)
        _remove_old(self.incoming)

    def path(self, document_id: str) -> Path:
        return self.folder / document_id[:2] / document_id

    def ids(self) -> Iterator[str]:
        """Every document that has a file."""
        for path in sorted(self.folder.glob("??/*")):
            if is_document_id(path.name) and path.parent.name == path.name[:2]:
                yield path.name

    @contextmanager
    def copied(self, path: Path) -> Iterator[tuple[Path, str, int]]:
        """A durable copy of the content in the incoming folder, its SHA-256 and its size.

        Raises UnreadableDocument, also where somebody writes to the file meanwhile, and DiskFull.
        """
        digest, n_bytes = hashlib.sha256(), 0
        try:
            require_room(self.incoming, path.stat().st_size)
            handle, name = tempfile.mkstemp(dir=self.incoming)
            try:
                with os.fdopen(handle, "wb") as target, path.open("rb") as source:
                    before = os.fstat(source.fileno())
                    while n_bytes <= before.st_size and (chunk := source.read(_CHUNK)):
                        digest.update(chunk)
                        n_bytes += len(chunk)
                        target.write(chunk)
                    after = os.fstat(source.fileno())
                    if (n_bytes, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                        raise UnreadableDocument(
                            "The file was written to while it was copied; add it again once it is whole."
                        )
                    target.flush()
                    os.fsync(target.fileno())
                yield Path(name), digest.hexdigest(), n_bytes
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(
                    f"The disk is full: {path.name} cannot be copied to {self.folder.parent}; free some room and add it again"
                ) from error
            reason = error.strerror or "the copy failed"
            raise UnreadableDocument(f"The file cannot be copied to the library: {reason}.") from error

    def place(self, incoming: Path, document_id: str) -> None:
        """Move a finished copy to where it belongs, which therefore never holds half a file."""
        place = self.path(document_id)  # what lies there already may be damaged
        place.parent.mkdir(exist_ok=True)
        os.replace(incoming, place)
        _sync_folder(place.parent)

    def remove(self, document_id: str) -> None:
        self.path(document_id).unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder where there is none. Raises LibraryDamaged where something else has its name."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise LibraryDamaged(f"{path} should be a folder and is none; move it away and try again") from error


def is_gone(path: Path) -> bool:
    """Whether there is no such file any more; one that cannot be asked for, in a locked folder, may be there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def is_document_id(text: str) -> bool:
    return len(text) == ID_DIGITS and set(text) <= _HEX


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _remove_old(folder: Path) -> None:
    """Throw away halves of files from a process that was killed; another one may be copying just now.

    A date in the future is that of a clock which was set back since.
    """
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            age = time.time() - path.stat().st_mtime
            if abs(age) > _ABANDONED_SECONDS:
                path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
