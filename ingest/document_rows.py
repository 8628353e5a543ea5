"""The rows about documents: which there are, in which state, what is attached to them, and who may see and change them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from pagelight.ingest.collections import Collections, seen_collections
from pagelight.ingest.database import Database
from pagelight.ingest.document import SELECT, Document, DocumentFilter, State, name_key, one_line
from pagelight.retrieval.errors import NotAuthorized, NotFound

#: a PDF in a PDF in a PDF … (limit)
MAX_DEPTH = 3
#: documents that may hang on one document, at all depths together (limit)
MAX_DOCUMENTS = 500
#: every document that a document hangs on, with its depth below that
_ABOVE = """
WITH RECURSIVE above (document_id, depth) AS (
    SELECT ?, 0 UNION
    SELECT parent, depth + 1 FROM attachments JOIN above USING (document_id) WHERE depth < 100)
"""
_BELOW = """
WITH RECURSIVE below (document_id) AS (
    SELECT value FROM json_each(?) UNION
    SELECT attachments.document_id FROM attachments JOIN below ON attachments.parent = below.document_id)
"""


class DocumentRows:
    """The documents' rows. Safe for several threads of one process.

    Whoever sees some collections only (`seeing`) gets their documents and no others.
    """

    def __init__(self, path: Path) -> None:
        """path: the database's file"""
        self.database = Database(path)
        self._lock = threading.RLock()  # a file and its row come and go together

    def close(self) -> None:
        self.database.close()

    def documents(self, only: DocumentFilter | None = None) -> list[Document]:
        """All documents, or those that the filter lets through, in the order in which they came."""
        condition, values = only.condition() if only else ("", [])
        return self._select(f"{condition} ORDER BY rowid", *values)

    def get(self, document_id: str) -> Document:
        """The document with this id. Raises NotFound."""
        found = self._select("AND document_id = ?", document_id)
        if not found:
            raise NotFound("There is no such document in the library.")
        return found[0]

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
        self.database.change(
            "UPDATE documents SET state = ?, reason = ?, pages = coalesce(?, pages), "
            "deaths = CASE WHEN ? > pages_indexed THEN 0 ELSE deaths END, "
            "pages_indexed = coalesce(?, pages_indexed), kept = coalesce(?, kept) WHERE document_id = ?",
            state,
            one_line(reason),
            pages,
            pages_indexed,
            pages_indexed,
            kept,
            document_id,
        )

    def set_pages(self, document_id: str, pages: int) -> None:
        """Record how many pages a document has, unless that is known; where it stands may have changed meanwhile."""
        self.database.change(
            "UPDATE documents SET pages = ? WHERE document_id = ? AND pages = 0", pages, document_id
        )

    def set_shallow(self, document_id: str, pages: int) -> None:
        """Record how many pages of a document are stored whose meaning is still to come."""
        self.database.change(
            "UPDATE documents SET pages_shallow = ? WHERE document_id = ?", pages, document_id
        )

    def add_shallow(self, document_id: str, pages: int) -> None:
        """Count so many more shallow pages, before they are stored: a count too high is put right, one too low never is."""
        self.database.change(
            "UPDATE documents SET pages_shallow = pages_shallow + ? WHERE document_id = ?", pages, document_id
        )

    def next_shallow(self) -> str | None:
        """The document that came first of those with pages whose meaning is still to come."""
        row = self.database.row(
            "SELECT document_id FROM documents WHERE pages_shallow > 0 AND NOT deleting ORDER BY rowid LIMIT 1"
        )
        return row["document_id"] if row else None

    def depth(self) -> tuple[int, int]:
        """(pages whose meaning is known, pages that can be found), of all documents."""
        row = self.database.row(
            "SELECT coalesce(sum(pages_indexed), 0) AS pages, coalesce(sum(pages_shallow), 0) AS shallow "
            "FROM documents WHERE NOT deleting"
        )
        return max(row["pages"] - row["shallow"], 0), row["pages"]

    def n_indexed_pages(self) -> int:
        """Pages of all documents that were read to their end, for every caller."""
        (found,) = self.database.row(
            "SELECT coalesce(sum(pages_indexed), 0) FROM documents WHERE state = 'indexed' AND NOT deleting"
        )
        return int(found)

    def describe(self, document_id: str, language: str, dated: str) -> None:
        """Record a document's language and its own date; what is empty stays as it is."""
        self.database.change(
            "UPDATE documents SET language = coalesce(nullif(?, ''), language), "
            "dated = coalesce(nullif(?, ''), dated) WHERE document_id = ?",
            language,
            dated,
            document_id,
        )

    def unfinished_deletions(self) -> list[str]:
        """Documents whose deletion was begun and broke off."""
        rows = self.database.rows("SELECT document_id FROM documents WHERE deleting")
        return [row["document_id"] for row in rows]

    def check_writable(self, document_ids: Iterable[str]) -> None:
        """Raises NotAuthorized, or NotFound, unless the caller may change these documents, hidden ones included.

        A document that is in other collections, too, is not theirs alone to change.
        """
        collections = seen_collections()
        if collections is None:
            return
        with self.database.work():
            for document_id in document_ids:
                rows = self.database.rows("SELECT key FROM tags WHERE document_id = ?", document_id)
                keys = {row["key"] for row in rows}
                if not keys & collections.readable:
                    raise NotFound("There is no such document in the library.")
                if not keys <= collections.writable:
                    raise NotAuthorized("you may not change this document")

    def _select(self, condition: str, *values: str) -> list[Document]:
        collections = seen_collections()
        with self.database.work():
            rows = self.database.rows(f"{SELECT} {condition}", *values)
            if collections is None:
                return [Document.of(row) for row in rows]
            readable = f"SELECT document_id FROM tags WHERE key IN ({marks(collections.readable)})"
            visible = {row["document_id"] for row in self.database.rows(readable, *collections.readable)}
        return [_as_seen(Document.of(row), collections) for row in rows if row["document_id"] in visible]


def _as_seen(document: Document, collections: Collections) -> Document:
    """The document without what it is called, and where it stands, in other collections."""
    tags = tuple(tag for tag in document.tags if name_key(tag) in collections.readable)
    return replace(document, tags=tags, other_names=(), place="")


def marks(values: Collection[str]) -> str:
    """SQL's marks for so many values."""
    return ", ".join("?" * len(values))


def may_attach(connection: sqlite3.Connection, parent: str) -> bool:
    """Whether one more document may hang on this one, by the limits on depth and number."""
    depth, top = connection.execute(
        f"{_ABOVE} SELECT depth, document_id FROM above ORDER BY depth DESC LIMIT 1", (parent,)
    ).fetchone()
    below = connection.execute(f"{_BELOW} SELECT count(*) FROM below", (f'["{top}"]',)).fetchone()[0]
    return bool(depth < MAX_DEPTH and below <= MAX_DOCUMENTS)


def attach(connection: sqlite3.Connection, parent: str, document_id: str) -> None:
    """Hang a document on another one."""
    connection.execute(
        "INSERT OR IGNORE INTO attachments (parent, document_id) VALUES (?, ?)", (parent, document_id)
    )


def with_attached(connection: sqlite3.Connection, document_ids: Iterable[str]) -> list[str]:
    """The documents, and all that go with them: attached to nothing else, and never added by themselves."""
    found = list(dict.fromkeys(document_ids))
    for document_id in found:
        rows = connection.execute(
            "SELECT document_id FROM attachments JOIN documents USING (document_id) WHERE parent = ? "
            "AND is_attached ORDER BY attachments.rowid",
            (document_id,),
        ).fetchall()
        for row in rows:
            parents = connection.execute(
                "SELECT parent FROM attachments WHERE document_id = ?", (row["document_id"],)
            ).fetchall()
            if row["document_id"] not in found and all(one["parent"] in found for one in parents):
                found.append(row["document_id"])
    return found
