"""People's judgements of hits, kept in SQLite so that they can be measured with."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pagelight.ingest.database import mapped
from pagelight.retrieval.errors import LibraryDamaged, repair_hint

log = logging.getLogger(__name__)

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
    """One judgement for a query and a page; a later one replaces it.

    A damaged file never refuses the library: it is set aside beside the new one, what can still be read is kept, and
    `set_aside` says where it lies.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self.set_aside: Path | None = None
        try:
            self._database = _opened(path)
        except LibraryDamaged:
            self._begin_anew()

    def add(self, judgement: Judgement) -> None:
        row = (judgement.query.strip(), judgement.document_id, judgement.page, int(judgement.relevant))
        with self._work():
            self._database.execute(
                "INSERT OR REPLACE INTO judgements (query, document_id, page, relevant) VALUES (?, ?, ?, ?)",
                row,
            )

    def take_back(self, query: str, document_id: str, page: int) -> None:
        """Forget a judgement; unknown ones are ignored."""
        with self._work():
            self._database.execute(
                "DELETE FROM judgements WHERE query = ? AND document_id = ? AND page = ?",
                (query.strip(), document_id, page),
            )

    def of(self, query: str, document_id: str, page: int) -> bool | None:
        """The judgement of a page for a query; None where there is none."""
        with self._work():
            row = self._database.execute(
                "SELECT relevant FROM judgements WHERE query = ? AND document_id = ? AND page = ?",
                (query.strip(), document_id, page),
            ).fetchone()
        return None if row is None else bool(row[0])

    def all(self) -> list[Judgement]:
        """All judgements, in the order in which they were made."""
        with self._work():
            rows = self._database.execute(
                "SELECT query, document_id, page, relevant FROM judgements ORDER BY rowid"
            ).fetchall()
        return [
            Judgement(query, document_id, page, bool(relevant)) for query, document_id, page, relevant in rows
        ]

    def forget_document(self, document_id: str) -> None:
        with self._work():
            self._database.execute("DELETE FROM judgements WHERE document_id = ?", (document_id,))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def _work(self) -> Iterator[None]:
        with self._lock, mapped(self._path), self._database:
            yield

    def _begin_anew(self) -> None:
        self.set_aside = set_aside(self._path)
        self._database = _opened(self._path)
        kept = _salvaged(self.set_aside)
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO judgements VALUES (?, ?, ?, ?, ?)", kept)
        log.warning(
            "the judgements were damaged: %d could be read, the file lies in %s", len(kept), self.set_aside
        )


def set_aside(path: Path) -> Path:
    """Move a damaged SQLite file, with its log, or a folder out of the way, under a name that is free."""
    number = 1
    while (place := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(place.with_name(place.name + suffix))
    return place


def _opened(path: Path) -> sqlite3.Connection:
    """The database, opened. Raises LibraryDamaged where the file is no sound one."""
    with mapped(path):
        database = sqlite3.connect(path, check_same_thread=False, timeout=10)
        try:
            database.execute(_SCHEMA)
            (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise LibraryDamaged(f"{path} is damaged ({verdict}); {repair_hint(path.parent)}")
            database.execute("SELECT query, document_id, page, relevant, at FROM judgements LIMIT 1")
        except BaseException:
            database.close()
            raise
    return database


def _salvaged(path: Path) -> list[tuple[object, ...]]:
    """The rows that come before the damage."""
    rows: list[tuple[object, ...]] = []
    with suppress(sqlite3.Error):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            for row in database.execute("SELECT query, document_id, page, relevant, at FROM judgements"):
                rows.append(row)
        finally:
            database.close()
    return rows
