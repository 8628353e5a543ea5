"""Remarks on a document's pages, told and kept: which were skipped and why, what else to bear in mind, what is attached."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from pagelight.ingest.database import Database

#: pages that are named one by one; the others are counted (limit)
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Skip:
    """A page that cannot be drawn or encoded, and why; adding the document again tries it again."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a page that is searchable. number: 0 stands for the document"""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is attached to the document. path: a file that its taker removes"""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Dated:
    """The document's own date, ISO 8601 to the day."""

    date: str


def remarks_text(skips: Sequence[Skip], notes: Sequence[Note] = ()) -> str:
    """One line of sentences.

    >>> remarks_text([Skip(3, "it is damaged")], [Note(1, "its print is small"), Note(0, "It has no text.")])
    'Skipped page 3: it is damaged. Page 1: its print is small. It has no text.'
    """
    sentences = []
    if skips:
        named = "; ".join(f"page {skip.number}: {skip.reason.rstrip('.')}" for skip in skips[:_NAMED])
        more = f"; and {len(skips) - _NAMED} more" if len(skips) > _NAMED else ""
        sentences.append(f"Skipped {named}{more}.")
    by_text: dict[str, list[int]] = {}
    for note in notes:
        by_text.setdefault(note.text, []).append(note.number)
    for text, numbers in by_text.items():
        sentences.append(f"{_pages(numbers)}: {text}." if any(numbers) else text)
    return " ".join(sentences)


def _pages(numbers: Sequence[int]) -> str:
    """
    >>> _pages([4]), _pages([4, 6]), _pages([1, 2, 3, 4])
    ('Page 4', 'Pages 4 and 6', '4 pages')
    """
    if len(numbers) > _NAMED:
        return f"{len(numbers)} pages"
    *others, last = [str(number) for number in numbers]
    return f"Pages {', '.join(others)} and {last}" if others else f"Page {last}"


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


def save_remarks(database: Database, document_id: str, remarks: Sequence[Skip | Note]) -> None:
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


def load_remarks(database: Database, document_id: str) -> tuple[list[Skip], list[Note]]:
    """All remarks on a document, by page."""
    rows = database.rows(
        "SELECT number, is_skip, text FROM remarks WHERE document_id = ? ORDER BY number = 0, number, rowid",
        document_id,
    )
    skips = [Skip(row["number"], row["text"]) for row in rows if row["is_skip"]]
    return skips, [Note(row["number"], row["text"]) for row in rows if not row["is_skip"]]
