"""The library: its documents' files and the catalogue beside them, which are added to and removed from together."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from pagelight.ingest.catalogue import MIN_ID_DIGITS, Catalogue, checked_tags, insert_tags
from pagelight.ingest.document import (
    Document,
    DocumentFilter,
    State,
    name_key,
    one_line,
    storable_name,
    storable_place,
)
from pagelight.ingest.document_rows import attach
from pagelight.ingest.files import Files, make_folder
from pagelight.ingest.office.converter import check_document, convert
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import DocumentError, StoreUnavailable

__all__ = ["Document", "DocumentFilter", "Library", "State", "one_line", "storable_name"]

log = logging.getLogger(__name__)

DATABASE = "library.sqlite3"


class Library(Catalogue):
    """The data folder's documents. Safe for several threads of one process."""

    def __init__(
        self, folder: Path, limits: Limits | None = None, files: Files | None = None, adopt: bool = True
    ) -> None:
        """files: those of another library, where this one is only another view of them; adopt: take up files
        where the database has no rows at all"""
        self.folder = Path(folder)
        self.limits = limits or Limits()
        self.files = Files(self.folder) if files is None else files
        self.files.prepare()
        self.converted = ConvertedFiles(self.files.folder.parent, self.limits)
        self.cache = self.folder / "cache"  # page images; may be thrown away at any time
        make_folder(self.cache)
        super().__init__(self.folder / DATABASE)
        self._inode = os.stat(self.folder / DATABASE).st_ino
        self._date_undated()
        if adopt:
            self._adopt_all()
        #: called with the id of every document that was deleted
        self.on_delete: Callable[[str], None] = lambda document_id: None

    def add(
        self, path: Path, name: str, place: str = "", tags: Iterable[str] = (), attached_to: str = ""
    ) -> tuple[Document, bool]:
        """Take a copy of the file; (document, whether it has to be indexed still).

        Content that is in the library already stays one document, which is found under the new name as well. One
        that failed, was cancelled or lacks pages is queued again.
        place: the file's path where it stays, so that a newer version of it is recognised
        attached_to: the document that it was found in, and that it goes with, unless it is added by itself, too
        Raises UnreadableDocument, DocumentTooLarge, DiskFull; NotFound where the document that it was found in is gone.
        """
        path = Path(path)
        self.check_folder()
        check_document(path, self.limits, name=name)
        name, place = storable_name(name), storable_place(place)
        tags = checked_tags(tags)
        stamp = file_stamp(path)
        with (
            self.files.copied(path) as (incoming, document_id, n_bytes),
            self._lock,
            self.database.work() as connection,
        ):
            # the copy, since another file may stand at the path by now
            file_type = check_document(incoming, self.limits, name=name)
            if attached_to:
                self.get(attached_to)
            self.files.place(incoming, document_id)
            connection.execute(
                "INSERT INTO documents (document_id, name, type, bytes, added, is_attached) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = 'queued', reason = '', deaths = 0, deleting = 0 "
                "WHERE deleting OR state IN ('failed', 'cancelled') "
                "OR (state = 'indexed' AND pages_indexed < pages)",
                (document_id, name, file_type, n_bytes, _now(), bool(attached_to)),
            )
            if attached_to:
                attach(connection, attached_to, document_id)
            else:
                connection.execute(
                    "UPDATE documents SET is_attached = 0 WHERE document_id = ?", (document_id,)
                )
            connection.execute(
                "INSERT OR REPLACE INTO names (document_id, name, key, place, stamp) VALUES (?, ?, ?, ?, ?)",
                (document_id, name, name_key(name), place, stamp),
            )
            connection.execute(  # it was taken up from its file alone, and its name is known again
                "UPDATE documents SET name = ? WHERE document_id = ? AND name = ?",
                (name, document_id, self.recovered_name(document_id, file_type)),
            )
            insert_tags(connection, document_id, tags)
            self._forget_labels()
            document = self.get(document_id)
        return document, document.state != "indexed"

    def file(self, document_id: str) -> Path:
        """The document's own bytes, for a document that is in the library. Raises NotFound."""
        self.get(document_id)
        return self._own_file(document_id)

    def drawn_file(self, document_id: str) -> Path:
        """File that the document's pages are drawn from: its own bytes, or the PDF that is made of them first.

        Raises NotFound, DocumentError.
        """
        document = self.get(document_id)
        path = self._own_file(document_id)
        if not document.type.is_converted:
            return path
        return self.converted.of(document_id, path, document.type)

    def _own_file(self, document_id: str) -> Path:
        """The file as it was added. Raises StoreUnavailable where it is gone with the data folder."""
        path = self.files.path(document_id)
        if not path.exists():
            self.check_folder()
        return path

    def delete(self, document_id: str, remove_pages: Callable[[], None] = lambda: None) -> None:
        """Remove the pages, the row, the file and the cached images; unknown documents are ignored.

        What is interrupted is finished by the next one of `unfinished_deletions`; the document is out of sight from
        the first moment on.
        """
        with self._lock:
            found = self.database.change(
                "UPDATE documents SET deleting = 1 WHERE document_id = ?", document_id
            )
            if not found:
                return
            self._forget_labels()
            remove_pages()
            self.on_delete(document_id)
            self.files.remove(document_id)
            self.converted.remove(document_id)
            shutil.rmtree(self.cache / document_id, ignore_errors=True)
            self.database.change("DELETE FROM documents WHERE document_id = ?", document_id)

    def check_folder(self) -> None:
        """Raises StoreUnavailable where the data folder was removed or replaced under this process."""
        try:
            there = os.stat(self.folder / DATABASE).st_ino == self._inode
        except OSError:
            there = False
        if not there:
            raise StoreUnavailable(
                f"The data folder {self.folder} is gone or was replaced; put it back, and start Pagelight again"
            )

    def adopt(self, document_id: str) -> None:
        """Queue a file that no row is about, under a name of its own. Raises UnreadableDocument, DocumentTooLarge."""
        path = self.files.path(document_id)
        file_type = check_document(path, self.limits)
        name = self.recovered_name(document_id, file_type)
        with self._lock, self.database.work() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO documents (document_id, name, type, bytes, added) VALUES (?, ?, ?, ?, ?)",
                (document_id, name, file_type, path.stat().st_size, _now()),
            )
            connection.execute(
                "INSERT OR IGNORE INTO names (document_id, name, key) VALUES (?, ?, ?)",
                (document_id, name, name_key(name)),
            )
            self._forget_labels()

    def recovered_name(self, document_id: str, file_type: FileType) -> str:
        """Name of a document whose own name was lost."""
        return f"recovered-{document_id[:MIN_ID_DIGITS]}.{file_type.value}"

    def files_without_rows(self) -> list[str]:
        """Ids of files that the database says nothing of."""
        rows = self.database.rows("SELECT document_id FROM documents")
        known = {row["document_id"] for row in rows}
        return [document_id for document_id in self.files.ids() if document_id not in known]

    def _adopt_all(self) -> None:
        """Bring the rows back from the files where the database lost all of them, or was removed."""
        with self.database.work() as connection:
            if connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone():
                return
        for document_id in self.files.ids():
            with contextlib.suppress(DocumentError):
                self.adopt(document_id)
                log.warning("%s: took up the file of %s again", self.folder, document_id)

    def _date_undated(self) -> None:
        """Documents of a library of older days came when their files did."""
        with self.database.work() as connection:
            rows = connection.execute("SELECT document_id FROM documents WHERE added = ''").fetchall()
            for row in rows:
                path = self.files.path(row["document_id"])
                if path.exists():
                    added = _iso(datetime.fromtimestamp(path.stat().st_mtime, UTC))
                    connection.execute(
                        "UPDATE documents SET added = ? WHERE document_id = ?", (added, row["document_id"])
                    )


def file_stamp(path: Path) -> str:
    """A stamp that differs after each change of a file, without reading it."""
    status = path.stat()
    return f"{status.st_mtime_ns}:{status.st_size}"


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.replace(microsecond=0, tzinfo=None).isoformat()


class ConvertedFiles:
    """`converted/…` below a data folder; may be thrown away at any time. Safe for several threads."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder / "converted"
        self._limits = limits
        self._converting = threading.Lock()

    def of(self, document_id: str, source: Path, file_type: FileType) -> Path:
        """The PDF of a file. Raises DocumentError."""
        made = self._folder / f"{document_id}.pdf"
        if not made.exists():
            with self._converting:
                if not made.exists():
                    convert(source, made, file_type, self._limits)
        return made

    def remove(self, document_id: str) -> None:
        (self._folder / f"{document_id}.pdf").unlink(missing_ok=True)
