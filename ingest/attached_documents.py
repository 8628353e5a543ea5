"""Documents that came attached to another one: they carry its name, and go with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

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
