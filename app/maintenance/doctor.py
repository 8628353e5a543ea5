"""Database, files, index and judgements compared with each other; nothing is changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pagelight.app.counts import counted
from pagelight.app.folders import INDEX, check_library, held_folder
from pagelight.ingest.database import damage, is_newer
from pagelight.ingest.document import is_whole
from pagelight.ingest.files import Files, sha256_of
from pagelight.ingest.library import DATABASE
from pagelight.retrieval.disk import OPENING, RESERVE, free_bytes
from pagelight.retrieval.errors import StoreError, StoreLocked
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import IndexConfig, PageStore
from pagelight.retrieval.store.shard import check_shard
from pagelight.retrieval.types import page_id

JUDGEMENTS = "judgements.sqlite"

#: pages that are read at once
_BATCH = 64
#: a vector that is shorter was never written: encoders scale by confidence, but not to nothing
_SHORTEST = 1e-6
Part = Literal["disk", "database", "files", "index", "judgements"]


def examine(folder: Path, thorough: bool = False) -> Checkup:
    """Look at everything in a data folder. thorough: read every document and every vector, too

    Works while the folder is in use; the index is then left out. Raises NotFound where there is no library.
    """
    check_library(folder)
    free = free_bytes(folder)
    if free < OPENING:  # whatever is opened then fails, sound or not
        what = f"{free // 1_000_000:,} MB are free, too few to look at anything else"
        return Checkup((Finding("disk", what, "free some room"),), 0, 0)
    findings = [*_disk(free)]
    rows, troubles = _rows(folder)
    findings += troubles
    findings += _files(folder, rows, thorough)
    pages, index_findings, unchecked = _index(folder, rows, thorough)
    findings += index_findings
    findings += _judgements(folder, rows)
    return Checkup(tuple(findings), len(rows), pages, unchecked)


def recorded_config(index: Path) -> IndexConfig | None:
    """Record of what the embedded index was made of, or None where that cannot be read."""
    try:
        record = json.loads((index / "index.json").read_text(encoding="utf-8"))
        return IndexConfig(
            **{field.name: record[field.name] for field in fields(IndexConfig) if field.name in record}
        )
    except (OSError, ValueError, TypeError, StoreError):
        return None


def _disk(free: int) -> Iterator[Finding]:
    if free < 2 * RESERVE:
        yield Finding(
            "disk", f"{free // 1_000_000:,} MB are free; adding documents stops soon", "free some room"
        )


def _rows(folder: Path) -> tuple[list[sqlite3.Row], list[Finding]]:
    """The documents, as far as the database can be read."""
    path = folder / DATABASE
    if not path.exists():
        return [], [Finding("database", f"{path} is gone")]
    try:
        with closing(read_only(path)) as connection:
            if is_newer(connection):
                return [], [
                    Finding("database", f"{path} was written by a newer Pagelight", "update this one")
                ]
            trouble = damage(connection)
            rows = connection.execute(
                "SELECT * FROM documents WHERE document_id IS NOT NULL ORDER BY rowid"
            ).fetchall()
    except sqlite3.Error as error:
        return [], [Finding("database", f"{path} is damaged: {error}")]
    whole = [row for row in rows if is_whole(row)]
    if not trouble and len(whole) < len(rows):
        trouble = f"it has {counted(len(rows) - len(whole), 'row')} that cannot be a document's"
    return whole, [Finding("database", f"{path} is damaged: {trouble}")] if trouble else []


def read_only(path: Path) -> sqlite3.Connection:
    """A SQLite file that is opened for reading, beside others that have it open."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def _files(folder: Path, rows: Sequence[sqlite3.Row], thorough: bool) -> Iterator[Finding]:
    files = Files(folder)
    for row in rows:
        path = files.path(row["document_id"])
        if _is_going(row):
            continue
        if not path.is_file():
            yield Finding("files", f"the file of {row['name']!r} is gone", "add it again")
        elif path.stat().st_size != row["bytes"] or (thorough and sha256_of(path) != row["document_id"]):
            yield Finding("files", f"the file of {row['name']!r} is damaged", "add it again")
    known = {row["document_id"] for row in rows}
    strangers = sum(document_id not in known for document_id in files.ids())
    if strangers:
        yield Finding("files", f"{counted(strangers, 'file')} that the database says nothing of")


def _index(folder: Path, rows: Sequence[sqlite3.Row], thorough: bool) -> tuple[int, list[Finding], str]:
    """(pages, findings, what could not be looked at)."""
    index = folder / INDEX
    config = recorded_config(index)
    if config is None:
        lost = sum(row["pages_indexed"] for row in rows)
        what = f"{index} is gone or damaged with {counted(lost, 'page')}"
        return 0, [Finding("index", what)] if lost or (index / "shard").exists() else [], ""
    try:
        with held_folder(folder):
            check_shard(index)
            with closing(open_store(index, config)) as store:
                return store.stats().n_pages, list(_pages(store, rows, thorough)), ""
    except StoreLocked:
        return 0, [], "the index is in use by another Pagelight; stop that one to have it looked at"
    except StoreError as error:
        return 0, [Finding("index", str(error))], ""


def _pages(store: PageStore, rows: Sequence[sqlite3.Row], thorough: bool) -> Iterator[Finding]:
    stored, has_lost = 0, store.n_without_meaning() > 0
    for row in rows:
        numbers = store.page_numbers(row["document_id"])
        stored += len(numbers)
        if _is_going(row):
            continue
        if row["state"] == "indexed" and len(numbers) < row["pages_indexed"]:
            missing = row["pages_indexed"] - len(numbers)
            yield Finding(
                "index", f"{counted(missing, 'page')} of {row['name']!r} cannot be found by a search"
            )
        if row["pages"] and any(number > row["pages"] for number in numbers):
            yield Finding("index", f"{row['name']!r} has pages in the index that it does not have")
        lost = store.without_meaning(row["document_id"]) if has_lost else ()
        if lost:
            yield Finding(
                "index", f"what is meant by {counted(len(lost), 'page')} of {row['name']!r} is lost"
            )
        sample = sorted(numbers) if thorough else sorted(numbers)[:1]
        damaged = sum(1 for _ in damaged_pages(store, row["document_id"], sample))
        if damaged:
            yield Finding(
                "index", f"the vectors of {counted(damaged, 'page')} of {row['name']!r} are damaged"
            )
    strangers = store.stats().n_pages - stored
    if strangers > 0:
        yield Finding("index", f"{counted(strangers, 'page')} of documents that are not in the library")


def damaged_pages(
    store: PageStore, document_id: str, numbers: Sequence[int], tolerant: bool = True
) -> Iterator[int]:
    """Those of the pages whose vectors cannot be read, or were never written.

    tolerant: False raises StoreError where vectors cannot be read, which more is wrong with than a page
    """
    waiting = iter(numbers)
    while batch := list(islice(waiting, _BATCH)):
        page_ids = [page_id(document_id, number) for number in batch]
        try:
            found = {page.page: page for page in store.fetch(page_ids)}
            lost = store.without_terms(page_ids)
        except StoreError:
            if not tolerant:
                raise
            yield from batch
            continue
        for number in batch:
            page = found.get(number)
            if (
                page is None
                or page.page_id in lost
                or not _plausible(page.embedding.vectors)
                or not _understood(page.meaning.vectors)
            ):
                yield number


def _plausible(vectors: np.ndarray[Any, Any]) -> bool:
    """vectors: (n_vectors, dim); a file that was lost and made anew holds nothing but zeros."""
    lengths = np.linalg.norm(vectors, axis=1)  # (n_vectors,)
    return bool(np.isfinite(lengths).all() and (lengths > _SHORTEST).any()) if len(vectors) else True


def _understood(vectors: np.ndarray[Any, Any]) -> bool:
    """vectors: (n_passages, dim), each of them of length one; those of a file that is damaged are of any."""
    lengths = np.linalg.norm(vectors, axis=1)  # (n_passages,)
    return bool((np.isfinite(lengths) & (lengths > _SHORTEST)).all()) if len(vectors) else True


def _judgements(folder: Path, rows: Sequence[sqlite3.Row]) -> Iterator[Finding]:
    path = folder / JUDGEMENTS
    if not path.exists():
        return
    try:
        with closing(read_only(path)) as connection:
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            judged = {row[0] for row in connection.execute("SELECT DISTINCT document_id FROM judgements")}
    except sqlite3.Error as error:
        yield Finding("judgements", f"{path} is damaged: {error}")
        return
    if verdict != "ok":
        yield Finding("judgements", f"{path} is damaged: {verdict}")
    strangers = len(judged - {row["document_id"] for row in rows})
    if strangers:
        yield Finding("judgements", f"there are judgements of {counted(strangers, 'document')} that are gone")


def _is_going(row: sqlite3.Row) -> bool:
    """Its deletion broke off; the next start finishes it."""
    return "deleting" in row.keys() and bool(row["deleting"])  # noqa: SIM118  # a Row iterates over its values


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. mend: how; empty where `pagelight repair` does it"""

    part: Part
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {self.what}" + (f" ({self.mend})" if self.mend else "")


@dataclass(frozen=True, slots=True)
class Checkup:
    """Result of `examine`. unchecked: one line for what could not be looked at, such as an index that is in use"""

    findings: tuple[Finding, ...]
    n_documents: int
    n_pages: int
    unchecked: str = ""

    @property
    def sound(self) -> bool:
        return not self.findings
