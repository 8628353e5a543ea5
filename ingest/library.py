"""Which documents there are, in which state, and their files, which are named by their content's SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pagelight.ingest.database import Database
from pagelight.ingest.render.file_type import FileType, check_file
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import NotFound, UnreadableDocument

State = Literal["queued", "running", "indexed", "failed", "cancelled"]

_CHUNK = 1 << 20
_ABANDONED_SECONDS = 3600.0
_COLUMNS = "document_id, name, type, bytes, pages, pages_indexed, kept, state, reason"


@dataclass(frozen=True, slots=True)
class Document:
    """One row of the library.

    document_id: SHA-256 of the content, in hex
    name: as its owner called it; may hold anything, never used as a path
    pages: 0 until the file has been opened; pages_indexed: of them, searchable now
    kept: mean over its pages of vectors after pruning / before
    reason: one line, for failed and cancelled documents and for indexed ones with pages that were skipped
    """

    document_id: str
    name: str
    type: FileType = FileType.PDF
    bytes: int = 0
    pages: int = 0
    pages_indexed: int = 0
    kept: float = 1.0
    state: State = "queued"
    reason: str = ""


class Library:
    """The data folder's documents. Safe for several threads of one process."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.folder = Path(folder)
        self.limits = limits or Limits()
        self._files = self.folder / "files"
        self._incoming = self.folder / "incoming"
        self.cache = self.folder / "cache"  # page images; may be thrown away at any time
        for path in (self._files, self._incoming, self.cache):
            path.mkdir(parents=True, exist_ok=True)
        _remove_old(self._incoming)
        self._lock = threading.Lock()  # a file and its row come and go together
        self.database = Database(self.folder / "library.sqlite3")

    def close(self) -> None:
        self.database.close()

    def add(self, path: Path, name: str) -> tuple[Document, bool]:
        """Take a copy of the file; (document, whether it has to be indexed still).

        A file whose content is indexed already is left as it is, whatever its name. One that failed or was
        cancelled is queued again. Raises UnreadableDocument, DocumentTooLarge.
        """
        path = Path(path)
        file_type = check_file(path, self.limits)
        with (
            self._copy(path) as (incoming, document_id, n_bytes),
            self._lock,
            self.database.work() as connection,
        ):
            self._place(incoming, document_id)
            connection.execute(
                "INSERT INTO documents (document_id, name, type, bytes) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET state = 'queued', reason = '', deaths = 0 WHERE state IN ('failed', 'cancelled')",
                (document_id, clean_name(name), file_type, n_bytes),
            )
            document = self.get(document_id)
        return document, document.state != "indexed"

    def documents(self) -> list[Document]:
        """All of them, in the order in which they came."""
        return self._select("ORDER BY rowid")

    def get(self, document_id: str) -> Document:
        """Raises NotFound."""
        found = self._select("WHERE document_id = ?", document_id)
        if not found:
            raise NotFound("There is no such document in the library.")
        return found[0]

    def find_all(self, name_or_id: str) -> list[Document]:
        """The document with this id, or the start of it (8 characters at least), else all with this name."""
        name_or_id = clean_name(name_or_id)
        found = self._select("WHERE name = ? ORDER BY rowid DESC", name_or_id)
        as_id = name_or_id.lower()
        if 8 <= len(as_id) <= 64 and set(as_id) <= set("0123456789abcdef"):
            found = self._select("WHERE document_id LIKE ? || '%' ORDER BY rowid", as_id) or found
        return found

    def find(self, name_or_id: str) -> Document:
        """The newest of `find_all`. Raises NotFound."""
        found = self.find_all(name_or_id)
        if not found:
            raise NotFound(f"There is no document {clean_name(name_or_id)!r} in the library.")
        return found[0]

    def file(self, document_id: str) -> Path:
        """The document's own bytes, for a document that is in the library. Raises NotFound."""
        self.get(document_id)
        return self._path(document_id)

    def set_state(
        self,
        document_id: str,
        state: State,
        reason: str = "",
        pages: int | None = None,
        pages_indexed: int | None = None,
        kept: float | None = None,
    ) -> None:
        """Record where a document stands; None leaves a number as it is; unknown documents are ignored."""
        with self.database.work() as connection:
            connection.execute(
                "UPDATE documents SET state = ?, reason = ?, pages = coalesce(?, pages), "
                "deaths = CASE WHEN ? > pages_indexed THEN 0 ELSE deaths END, "
                "pages_indexed = coalesce(?, pages_indexed), kept = coalesce(?, kept) WHERE document_id = ?",
                (state, one_line(reason), pages, pages_indexed, pages_indexed, kept, document_id),
            )

    def delete(self, document_id: str) -> None:
        """Remove the row, the file and the cached images; unknown documents are ignored."""
        with self._lock:
            with self.database.work() as connection:
                found = connection.execute(
                    "DELETE FROM documents WHERE document_id = ?", (document_id,)
                ).rowcount
            if found:
                self._path(document_id).unlink(missing_ok=True)
                shutil.rmtree(self.cache / document_id, ignore_errors=True)

    def _select(self, condition: str, *values: str) -> list[Document]:
        with self.database.work() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM documents {condition}", values).fetchall()
        return [_document(row) for row in rows]

    def _path(self, document_id: str) -> Path:
        return self._files / document_id[:2] / document_id

    @contextmanager
    def _copy(self, path: Path) -> Iterator[tuple[Path, str, int]]:
        """A durable copy of the content in the incoming folder, its SHA-256 and its size."""
        digest, n_bytes = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as target, path.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    n_bytes += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            yield Path(name), digest.hexdigest(), n_bytes
        except OSError as error:
            reason = error.strerror or "the copy failed"
            raise UnreadableDocument(f"The file cannot be copied to the library: {reason}.") from error
        finally:
            Path(name).unlink(missing_ok=True)

    def _place(self, incoming: Path, document_id: str) -> None:
        """Move a finished copy to where it belongs, which therefore never holds half a file."""
        place = self._path(document_id)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            os.replace(incoming, place)
            _sync_folder(place.parent)


def clean_name(name: str) -> str:
    """What can be stored and shown of a name: any text, but no broken surrogates, NULs or thousands of letters.

    >>> clean_name("a\\x00b\\ud800.pdf")
    'ab?.pdf'
    """
    return name.replace("\0", "").encode("utf-8", "replace").decode()[:500] or "unnamed"


def one_line(text: str) -> str:
    return " ".join(text.split())[:500]


def _document(row: sqlite3.Row) -> Document:
    return Document(**{**dict(row), "type": FileType(row["type"])})


def _remove_old(folder: Path) -> None:
    """Throw away halves of files from a process that was killed; another one may be copying just now."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
