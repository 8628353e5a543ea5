"""The remarks on a document's pages in the database, so that those of pages stored before an interruption are kept."""

from __future__ import annotations

from collections.abc import Sequence, Set

from pagelight.ingest.database import Database
from pagelight.ingest.remarks import Note, Skip


def begin_remarks(database: Database, document_id: str, stored: Set[int]) -> None:
    """Forget what was said of pages that are not stored, and of the document as a whole: it is found out again."""
    with database.work() as connection:
        rows = connection.execute(
            "SELECT rowid, number FROM remarks WHERE document_id = ?", (document_id,)
        ).fetchall()
        connection.executemany(
            "DELETE FROM remarks WHERE rowid = ?",
            [(row["rowid"],) for row in rows if row["number"] not in stored],
        )


def keep_remarks(database: Database, document_id: str, remarks: Sequence[Skip | Note]) -> None:
    """Write remarks down, before their pages are stored. What is said of a document that is gone is ignored."""
    if not remarks:
        return
    with database.work() as connection:
        connection.executemany(
            "INSERT INTO remarks (document_id, number, is_skip, text) SELECT ?1, ?2, ?3, ?4 "
            "WHERE EXISTS (SELECT 1 FROM documents WHERE document_id = ?1)",
            [
                (document_id, remark.number, True, remark.reason)
                if isinstance(remark, Skip)
                else (document_id, remark.number, False, remark.text)
                for remark in remarks
            ],
        )


def kept_remarks(database: Database, document_id: str) -> tuple[list[Skip], list[Note]]:
    """All that was said of a document, by page."""
    with database.work() as connection:
        rows = connection.execute(
            "SELECT number, is_skip, text FROM remarks WHERE document_id = ? "
            "ORDER BY number = 0, number, rowid",
            (document_id,),
        ).fetchall()
    skips = [Skip(row["number"], row["text"]) for row in rows if row["is_skip"]]
    return skips, [Note(row["number"], row["text"]) for row in rows if not row["is_skip"]]
