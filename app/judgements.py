"""What people said of the hits, kept in SQLite and given back as an evaluation dataset."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import NotFound

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


def export_dataset(
    judgements: list[Judgement], folder: Path, name_of: Callable[[str], str], file_of: Callable[[str], Path]
) -> int:
    """Write `pdfs/` and `queries.jsonl`, one line for each query and document with a relevant page.

    Returns the number of lines. Raises NotFound where nothing was judged relevant yet.
    """
    # Imported here, since it brings scipy: most commands do without it.
    from retrieval.evaluation.dataset import Query, write_queries

    pages: dict[tuple[str, str], list[int]] = {}
    for judgement in judgements:
        if judgement.relevant:
            pages.setdefault((judgement.query, judgement.document_id), []).append(judgement.page)
    if not pages:
        raise NotFound("nothing was judged relevant yet: mark hits in the browser first")
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    queries = []
    for number, ((text, document_id), found) in enumerate(pages.items(), start=1):
        if document_id not in names:
            names[document_id] = _free_name(Path(name_of(document_id)).name, set(names.values()))
            shutil.copyfile(file_of(document_id), folder / "pdfs" / names[document_id])
        relevant = {(names[document_id], page): 1 for page in found}
        queries.append(Query(f"q-{number:04d}", text, "judged", relevant))
    write_queries(queries, folder / "queries.jsonl")
    return len(queries)


def _free_name(name: str, taken: set[str]) -> str:
    """
    >>> _free_name("a.pdf", {"a.pdf"})
    'a-2.pdf'
    """
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name
