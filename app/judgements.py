"""What people said of the hits, kept in SQLite so that they can be measured with."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS judgements (
    query TEXT NOT NULL, document_id TEXT NOT NULL, page INTEGER NOT NULL, relevant INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (query, document_id, page))
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on one page for one query."""

    query: str
    document_id: str
    page: int
    relevant: bool


class Judgements:
    """One judgement for a query and a page; a later one replaces it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, timeout=10)
        self._database.execute(_SCHEMA)

    def add(self, judgement: Judgement) -> None:
        row = (judgement.query.strip(), judgement.document_id, judgement.page, int(judgement.relevant))
        with self._lock, self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO judgements (query, document_id, page, relevant) VALUES (?, ?, ?, ?)",
                row,
            )

    def all(self) -> list[Judgement]:
        """In the order in which they were made."""
        with self._lock:
            rows = self._database.execute(
                "SELECT query, document_id, page, relevant FROM judgements ORDER BY rowid"
            ).fetchall()
        return [
            Judgement(query, document_id, page, bool(relevant)) for query, document_id, page, relevant in rows
        ]

    def forget_document(self, document_id: str) -> None:
        with self._lock, self._database:
            self._database.execute("DELETE FROM judgements WHERE document_id = ?", (document_id,))

    def close(self) -> None:
        with self._lock:
            self._database.close()
