"""The catalogue: documents by their names and tags, and what is deleted with a document."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from pagelight.ingest.collections import seeing, seen_collections
from pagelight.ingest.document import Document, labels, name_key, storable_name, storable_place
from pagelight.ingest.document_rows import DocumentRows, marks, may_attach, with_attached
from pagelight.ingest.files import ID_DIGITS
from pagelight.retrieval.errors import InvalidInput, NotFound

#: digits of an id that stand for it (limit)
MIN_ID_DIGITS = 8
#: tags of one document (limit)
_MAX_TAGS = 100
#: characters of one tag (limit)
_MAX_TAG_CHARS = 100


class Catalogue(DocumentRows):
    """The documents as people name, tag and delete them."""

    def __init__(self, path: Path) -> None:
        """path: the database's file"""
        super().__init__(path)
        self._labels: dict[str, str] | None = None
        self._name_changes = 0

    def find_all(self, name_or_id: str) -> list[Document]:
        """The document with this id, or the start of it (8 characters at least), else all with this name.

        Names compare as people see them; one that is written in just this way goes before others. The labels of
        namesakes count as names.
        """
        name_or_id = storable_name(name_or_id)
        as_id = name_or_id.lower()
        if MIN_ID_DIGITS <= len(as_id) <= ID_DIGITS and set(as_id) <= set("0123456789abcdef"):
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
            raise NotFound(f"no document {storable_name(name_or_id)!r} in the library")
        return found[0]

    def labels(self) -> dict[str, str]:
        """Labels of all documents, by id: each one's name, and what tells it from its namesakes."""
        found = self._labels
        if found is None:
            changes = self._name_changes
            with seeing(None):
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

    def places(self, folder: str) -> dict[str, tuple[str, str, str]]:
        """Files below a folder that documents came from: (document id, name, stamp of the file) by path."""
        below = storable_place(folder).rstrip("/") + "/"
        rows = self.database.rows(
            "SELECT place, names.document_id, names.name, stamp FROM names JOIN documents USING (document_id) "
            "WHERE substr(place, 1, ?) = ? AND NOT deleting ORDER BY names.rowid",
            len(below),
            below,
        )
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

    def set_tags(self, document_id: str, tags: Iterable[str]) -> None:
        """Give a document these tags and no others. Raises NotFound, InvalidInput."""
        tags = checked_tags(tags)
        self.get(document_id)
        with self.database.work() as connection:
            connection.execute("DELETE FROM tags WHERE document_id = ?", (document_id,))
            insert_tags(connection, document_id, tags)

    def change_tags(self, document_ids: Iterable[str], added: Iterable[str], removed: Iterable[str]) -> None:
        """Add tags to documents and take others away, all or nothing. Raises NotFound, InvalidInput."""
        added, gone = checked_tags(added), {name_key(tag) for tag in checked_tags(removed)}
        with self.database.work():
            for document_id in document_ids:
                kept = [tag for tag in self.get(document_id).tags if name_key(tag) not in gone]
                self.set_tags(document_id, [*kept, *added])

    def tags(self) -> dict[str, int]:
        """Every tag with the number of its documents, in alphabetical order."""
        collections = seen_collections()
        among = "" if collections is None else f"AND key IN ({marks(collections.readable)})"
        keys = () if collections is None else tuple(collections.readable)
        rows = self.database.rows(
            "SELECT min(tag) AS tag, count(*) AS n FROM tags JOIN documents USING (document_id) "
            f"WHERE NOT deleting {among} GROUP BY key ORDER BY key",
            *keys,
        )
        return {row["tag"]: row["n"] for row in rows}

    def may_attach(self, document_id: str) -> bool:
        """Whether one more document may hang on this one."""
        with self.database.work() as connection:
            return may_attach(connection, document_id)

    def begin_deletion(self, document_id: str) -> list[str]:
        """Mark a document, and what is attached to it, for deletion: their ids, those that are attached last."""
        with self._lock, self.database.work() as connection:
            deleting = with_attached(connection, [document_id])
            connection.executemany(
                "UPDATE documents SET deleting = 1 WHERE document_id = ?", [(one,) for one in deleting]
            )
            self._forget_labels()
        return deleting

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

    def has_foreign_namesakes(self, document_id: str) -> bool:
        """Whether a document that the caller may not change has one of this one's names, at the same place."""
        collections = seen_collections()
        if collections is None:
            return False
        keys = tuple(collections.writable)
        found = self.database.row(
            "SELECT 1 FROM names AS ours JOIN names AS theirs USING (key, place) WHERE ours.document_id = ? "
            "AND theirs.document_id <> ours.document_id AND (EXISTS (SELECT 1 FROM tags WHERE "
            f"tags.document_id = theirs.document_id AND tags.key NOT IN ({marks(keys)})) "
            "OR NOT EXISTS (SELECT 1 FROM tags WHERE tags.document_id = theirs.document_id)) LIMIT 1",
            document_id,
            *keys,
        )
        return found is not None

    def _forget_labels(self) -> None:
        self._name_changes += 1
        self._labels = None


def checked_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks at their ends. Raises InvalidInput where there are too many, or too long ones."""
    cleaned = [" ".join(storable_name(tag).split()) for tag in tags if tag.strip()]
    if len(cleaned) > _MAX_TAGS or any(len(tag) > _MAX_TAG_CHARS for tag in cleaned):
        raise InvalidInput(
            f"tags: expected at most {_MAX_TAGS} tags of at most {_MAX_TAG_CHARS} characters a document"
        )
    return cleaned


def insert_tags(connection: sqlite3.Connection, document_id: str, tags: Iterable[str]) -> None:
    """Give a document these tags besides those that it has."""
    connection.executemany(
        "INSERT OR IGNORE INTO tags (document_id, tag, key) VALUES (?, ?, ?)",
        [(document_id, tag, name_key(tag)) for tag in tags],
    )
