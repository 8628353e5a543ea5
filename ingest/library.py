"""The library: which documents there are, in which state, under which names; their files lie beside the database."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from pagelight.ingest.attached_documents import attach, may_attach, with_attached
from pagelight.ingest.converted_files import ConvertedFiles
from pagelight.ingest.database import Database
from pagelight.ingest.document import SELECT, Document, DocumentFilter, State
from pagelight.ingest.files import ID_DIGITS, Files
from pagelight.ingest.labels import labels
from pagelight.ingest.names import name_key, one_line, storable_name
from pagelight.ingest.office.formats import check_document
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import is_plain_text_name
from pagelight.retrieval.errors import DocumentError, InvalidInput, NotFound, StoreUnavailable

__all__ = ["Document", "DocumentFilter", "Library", "State", "one_line", "storable_name"]

log = logging.getLogger(__name__)

DATABASE = "library.sqlite3"
#: digits of an id that stand for it
_MIN_ID_DIGITS = 8
_MAX_TAGS = 100
_MAX_TAG_CHARS = 100


class Library:
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
        self.cache.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()  # a file and its row come and go together
        self.database = Database(self.folder / DATABASE)
        self._inode = os.stat(self.folder / DATABASE).st_ino
        self._labels: dict[str, str] | None = None
        self._name_changes = 0
        self._date_undated()
        if adopt:
            self._adopt_all()
        #: called with the id of every document that was deleted
        self.on_delete: Callable[[str], None] = lambda document_id: None

    def close(self) -> None:
        self.database.close()

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
        file_type = check_document(path, self.limits, plain_text=is_plain_text_name(name))
        name, place = storable_name(name), place and storable_name(place)
        tags = _checked_tags(tags)
        stamp = file_stamp(path)
        with (
            self.files.copied(path) as (incoming, document_id, n_bytes),
            self._lock,
            self.database.work() as connection,
        ):
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
            _insert_tags(connection, document_id, tags)
            self._forget_labels()
            document = self.get(document_id)
        return document, document.state != "indexed"

    def documents(self, only: DocumentFilter | None = None) -> list[Document]:
        """All of them, or those that the filter lets through, in the order in which they came."""
        condition, values = only.condition() if only else ("", [])
        return self._select(f"{condition} ORDER BY rowid", *values)

    def get(self, document_id: str) -> Document:
        """The document with this id. Raises NotFound."""
        found = self._select("AND document_id = ?", document_id)
        if not found:
            raise NotFound("There is no such document in the library.")
        return found[0]

    def find_all(self, name_or_id: str) -> list[Document]:
        """The document with this id, or the start of it (8 characters at least), else all with this name.

        Names compare as people see them; one that is written in just this way goes before others. The labels of
        namesakes count as names.
        """
        name_or_id = storable_name(name_or_id)
        as_id = name_or_id.lower()
        if _MIN_ID_DIGITS <= len(as_id) <= ID_DIGITS and set(as_id) <= set("0123456789abcdef"):
            found = self._select("AND document_id LIKE ? || '%' ORDER BY rowid", as_id)
            if found:
                return found
        key = name_key(name_or_id)
        named = "AND document_id IN (SELECT document_id FROM names WHERE {} = ?) ORDER BY rowid DESC"
        found = self._select(named.format("name"), name_or_id) or self._select(named.format("key"), key)
        if not found:
            ids = [document_id for document_id, label in self.labels().items() if name_key(label) == key]
            found = [self.get(document_id) for document_id in ids]
        return found

    def find(self, name_or_id: str) -> Document:
        """The newest of `find_all`. Raises NotFound."""
        found = self.find_all(name_or_id)
        if not found:
            raise NotFound(f"There is no document {storable_name(name_or_id)!r} in the library.")
        return found[0]

    def take_names(self, document_id: str, of: str) -> None:
        """Give a document all names and places of another one, of which it is a newer version from now on."""
        with self._lock, self.database.work() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO names (document_id, name, key, place, stamp) "
                "SELECT ?, name, key, place, stamp FROM names WHERE document_id = ? ORDER BY rowid",
                (document_id, of),
            )
            self._forget_labels()

    def supersede(self, document_id: str) -> list[str]:
        """Take its names from its older versions, and mark those that have no other name for deletion: their ids."""
        with self._lock, self.database.work() as connection:
            connection.execute(
                "DELETE FROM names WHERE rowid IN (SELECT old.rowid FROM names AS old JOIN names AS new "
                "USING (key, place) WHERE new.document_id = ?1 AND old.document_id <> ?1 AND new.rowid > old.rowid)",
                (document_id,),
            )
            nameless = "NOT EXISTS (SELECT 1 FROM names WHERE names.document_id = documents.document_id)"
            rows = connection.execute(f"SELECT document_id FROM documents WHERE {nameless}").fetchall()
            connection.execute(f"UPDATE documents SET deleting = 1 WHERE {nameless}")
            connection.execute(
                "UPDATE documents SET name = (SELECT name FROM names WHERE names.document_id = documents.document_id "
                "ORDER BY rowid DESC LIMIT 1) WHERE NOT deleting AND NOT EXISTS (SELECT 1 FROM names "
                "WHERE names.document_id = documents.document_id AND names.name = documents.name)"
            )
            self._forget_labels()
        return [row["document_id"] for row in rows]

    def labels(self) -> dict[str, str]:
        """What to call each document, by id: its name, and what tells it from its namesakes."""
        found = self._labels
        if found is None:
            changes = self._name_changes
            found = labels(self.documents())
            if changes == self._name_changes:
                self._labels = found
        return found

    def older_versions(self, document_id: str) -> list[Document]:
        """The documents that this one is a newer version of: same name and place, other content."""
        return self._select(
            "AND document_id <> ?1 AND document_id IN (SELECT old.document_id FROM names AS old JOIN names AS new "
            "USING (key, place) WHERE new.document_id = ?1 AND new.rowid > old.rowid) ORDER BY rowid",
            document_id,
        )

    def file(self, document_id: str) -> Path:
        """The document's own bytes, for a document that is in the library. Raises NotFound."""
        self.get(document_id)
        return self.files.path(document_id)

    def drawn_file(self, document_id: str) -> Path:
        """What the document's pages are drawn from: its own bytes, or the PDF that is made of them first.

        Raises NotFound, DocumentError.
        """
        document = self.get(document_id)
        path = self.files.path(document_id)
        if not document.type.is_converted:
            return path
        return self.converted.of(document_id, path, document.type)

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

    def rename(self, document_id: str, name: str) -> None:
        """Call a document otherwise; it is found under its old name, too. Raises NotFound, InvalidInput."""
        if not name.strip():
            raise InvalidInput("the new name is empty")
        self.get(document_id)
        name = storable_name(name.strip())
        with self._lock, self.database.work() as connection:
            connection.execute("UPDATE documents SET name = ? WHERE document_id = ?", (name, document_id))
            connection.execute(
                "INSERT OR REPLACE INTO names (document_id, name, key) VALUES (?, ?, ?)",
                (document_id, name, name_key(name)),
            )
            self._forget_labels()

    def set_tags(self, document_id: str, tags: Iterable[str]) -> None:
        """Give a document these tags and no others. Raises NotFound, InvalidInput."""
        tags = _checked_tags(tags)
        self.get(document_id)
        with self.database.work() as connection:
            connection.execute("DELETE FROM tags WHERE document_id = ?", (document_id,))
            _insert_tags(connection, document_id, tags)

    def change_tags(self, document_ids: Iterable[str], added: Iterable[str], removed: Iterable[str]) -> None:
        """Add tags to documents and take others away, all or nothing. Raises NotFound, InvalidInput."""
        added, gone = _checked_tags(added), {name_key(tag) for tag in _checked_tags(removed)}
        with self.database.work():
            for document_id in document_ids:
                kept = [tag for tag in self.get(document_id).tags if name_key(tag) not in gone]
                self.set_tags(document_id, [*kept, *added])

    def tags(self) -> dict[str, int]:
        """Every tag with the number of its documents, in alphabetical order."""
        with self.database.work() as connection:
            rows = connection.execute(
                "SELECT min(tag) AS tag, count(*) AS n FROM tags JOIN documents USING (document_id) "
                "WHERE NOT deleting GROUP BY key ORDER BY key"
            ).fetchall()
        return {row["tag"]: row["n"] for row in rows}

    def places(self, folder: str) -> dict[str, tuple[str, str, str]]:
        """Files below a folder that documents came from: (document id, name, stamp of the file) by path."""
        below = folder.rstrip("/") + "/"
        with self.database.work() as connection:
            rows = connection.execute(
                "SELECT place, names.document_id, names.name, stamp FROM names JOIN documents USING (document_id) "
                "WHERE substr(place, 1, ?) = ? AND NOT deleting ORDER BY names.rowid",
                (len(below), below),
            ).fetchall()
        return {row["place"]: (row["document_id"], row["name"], row["stamp"]) for row in rows}

    def release(self, document_id: str, name: str, place: str) -> bool:
        """Forget that the document stood under this name at this place; whether it has no other name now."""
        with self._lock, self.database.work() as connection:
            connection.execute(
                "DELETE FROM names WHERE document_id = ? AND key = ? AND place = ?",
                (document_id, name_key(name), place),
            )
            left = connection.execute(
                "SELECT name FROM names WHERE document_id = ? ORDER BY rowid", (document_id,)
            ).fetchall()
            if left and not any(row["name"] == self.get(document_id).name for row in left):
                connection.execute(
                    "UPDATE documents SET name = ? WHERE document_id = ?", (left[-1]["name"], document_id)
                )
            self._forget_labels()
        return not left

    def delete(self, document_id: str, remove_pages: Callable[[], None] = lambda: None) -> None:
        """Remove the pages, the row, the file and the cached images; unknown documents are ignored.

        What is interrupted is finished by the next one of `unfinished_deletions`; the document is out of sight from
        the first moment on.
        """
        with self._lock:
            with self.database.work() as connection:
                found = connection.execute(
                    "UPDATE documents SET deleting = 1 WHERE document_id = ?", (document_id,)
                ).rowcount
            if not found:
                return
            self._forget_labels()
            remove_pages()
            self.on_delete(document_id)
            self.files.remove(document_id)
            self.converted.remove(document_id)
            shutil.rmtree(self.cache / document_id, ignore_errors=True)
            with self.database.work() as connection:
                connection.execute("DELETE FROM documents WHERE document_id = ?", (document_id,))

    def may_attach(self, document_id: str) -> bool:
        """Whether one more document may hang on this one."""
        with self.database.work() as connection:
            return may_attach(connection, document_id)

    def doom(self, document_id: str) -> list[str]:
        """Mark a document, and what is attached to it, for deletion: their ids, those that are attached last."""
        with self._lock, self.database.work() as connection:
            doomed = with_attached(connection, [document_id])
            connection.executemany(
                "UPDATE documents SET deleting = 1 WHERE document_id = ?", [(one,) for one in doomed]
            )
            self._forget_labels()
        return doomed

    def hide(self, document_ids: Iterable[str]) -> None:
        """Put documents, and what is attached to them, out of sight, to be deleted or brought back by `unhide`.

        Raises NotFound.
        """
        document_ids = list(document_ids)
        with self._lock, self.database.work() as connection:
            for document_id in document_ids:
                self.get(document_id)
            for document_id in with_attached(connection, document_ids):
                connection.execute("UPDATE documents SET deleting = 1 WHERE document_id = ?", (document_id,))
            self._forget_labels()

    def unhide(self, document_ids: Iterable[str]) -> list[str]:
        """Bring back documents that `hide` put out of sight; the ids of those that are there still.

        One whose indexing was broken off by it counts as cancelled, so that it can be taken up again.
        """
        with self._lock, self.database.work() as connection:
            back = [
                document_id
                for document_id in with_attached(connection, document_ids)
                if connection.execute(
                    "UPDATE documents SET deleting = 0 WHERE document_id = ? AND deleting", (document_id,)
                ).rowcount
            ]
            for document_id in back:
                if self.get(document_id).state == "running":
                    self.set_state(document_id, "cancelled", "Indexing was broken off; resume it to go on.")
            self._forget_labels()
        return back

    def unfinished_deletions(self) -> list[str]:
        """Documents whose deletion was begun and broke off."""
        with self.database.work() as connection:
            rows = connection.execute("SELECT document_id FROM documents WHERE deleting").fetchall()
        return [row["document_id"] for row in rows]

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

    def _select(self, condition: str, *values: str) -> list[Document]:
        with self.database.work() as connection:
            rows = connection.execute(f"{SELECT} {condition}", values).fetchall()
        return [Document.of(row) for row in rows]

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
        """What a document is called whose name was lost."""
        return f"recovered-{document_id[:_MIN_ID_DIGITS]}.{file_type.value}"

    def files_without_rows(self) -> list[str]:
        """Ids of files that the database says nothing of."""
        with self.database.work() as connection:
            rows = connection.execute("SELECT document_id FROM documents").fetchall()
        known = {row["document_id"] for row in rows}
        return [document_id for document_id in self.files.ids() if document_id not in known]

    def _adopt_all(self) -> None:
        """Where the database lost all its rows, or was removed, the files bring them back."""
        with self.database.work() as connection:
            if connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone():
                return
        for document_id in self.files.ids():
            with contextlib.suppress(DocumentError):
                self.adopt(document_id)
                log.warning("%s: took up the file of %s again", self.folder, document_id)

    def _forget_labels(self) -> None:
        self._name_changes += 1
        self._labels = None

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


def _checked_tags(tags: Iterable[str]) -> list[str]:
    cleaned = [" ".join(storable_name(tag).split()) for tag in tags if tag.strip()]
    if len(cleaned) > _MAX_TAGS or any(len(tag) > _MAX_TAG_CHARS for tag in cleaned):
        raise InvalidInput(
            f"tags: expected at most {_MAX_TAGS} tags of at most {_MAX_TAG_CHARS} characters a document"
        )
    return cleaned


def _insert_tags(connection: sqlite3.Connection, document_id: str, tags: Iterable[str]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO tags (document_id, tag, key) VALUES (?, ?, ?)",
        [(document_id, tag, name_key(tag)) for tag in tags],
    )


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.replace(microsecond=0, tzinfo=None).isoformat()
