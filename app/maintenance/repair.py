"""Repair of a library from its documents; whatever is taken away is set aside, not deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from pagelight.app.folders import INDEX, finish_swap, held_folder
from pagelight.app.judgements import Judgements, set_aside
from pagelight.app.maintenance.doctor import JUDGEMENTS, damaged_pages, read_only, recorded_config
from pagelight.ingest.database import damage, is_newer, mapped
from pagelight.ingest.document import is_whole, name_key
from pagelight.ingest.files import sha256_of
from pagelight.ingest.library import DATABASE, Document, Library
from pagelight.ingest.office.converter import check_document
from pagelight.retrieval.disk import require_room
from pagelight.retrieval.errors import DocumentError, LibraryDamaged, StoreError
from pagelight.retrieval.store import open_store
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.store.shard import check_shard

_TABLES = ("documents", "names", "tags", "attachments", "remarks")


def repair(folder: Path) -> list[str]:
    """Mend a data folder; one sentence for each thing done. Pages that have to be read again are queued.

    The next start of the library (`pagelight repair` makes one) indexes what is queued. Raises StoreLocked, DiskFull.
    """
    require_room(folder)  # nothing that cannot be read for want of room is taken for damaged
    with held_folder(folder):
        finish_swap(folder)
        done = _database(folder)
        with closing(Library(folder)) as library:
            done += _rows(library)
            done += _files(library)
            done += _index(library)
            done += _judgements(library)
    return done


def _database(folder: Path) -> list[str]:
    """Set a damaged one aside; its rows that can still be read go into the new one."""
    path = folder / DATABASE
    if not path.exists() or _is_sound(path):
        return []
    aside = set_aside(path)
    with closing(Library(folder, adopt=False)) as library:
        kept = 0
        for table in _TABLES:
            for row in _readable_rows(aside, table):
                values = dict(row)
                marks = ", ".join("?" * len(values))
                with suppress(sqlite3.Error), library.database.work() as connection:
                    connection.execute(
                        f"INSERT OR IGNORE INTO {table} ({', '.join(values)}) VALUES ({marks})",
                        list(values.values()),
                    )
                    kept += table == "documents"
        with library.database.work() as connection:
            nameless = connection.execute(
                "SELECT document_id, name FROM documents WHERE document_id NOT IN (SELECT document_id FROM names)"
            ).fetchall()
            connection.executemany(
                "INSERT INTO names (document_id, name, key) VALUES (?, ?, ?)",
                [(row["document_id"], row["name"], name_key(row["name"])) for row in nameless],
            )
    return [f"the database was damaged: {kept} documents could be read from it, it lies in {aside.name}"]


def _is_sound(path: Path) -> bool:
    """Raises StoreUnavailable, DiskFull where that cannot be told."""
    if not path.is_file():
        return False
    try:
        with mapped(path), closing(read_only(path)) as connection:
            return is_newer(connection) or not damage(connection)  # a newer one is none of our business
    except LibraryDamaged:
        return False


def _readable_rows(path: Path, table: str) -> Iterator[sqlite3.Row]:
    """Those before the damage, and those after it as far as an index leads to them."""
    with suppress(sqlite3.Error), closing(read_only(path)) as connection:
        yield from connection.execute(f"SELECT * FROM {table}")


def _rows(library: Library) -> list[str]:
    """Mend rows that cannot be a document's from the document, or drop them where there is none."""
    done = []
    with library.database.work() as connection:
        rows = connection.execute("SELECT * FROM documents").fetchall()
        for row in rows:
            if is_whole(row):
                continue
            document_id, path = row["document_id"], library.files.path(str(row["document_id"]))
            connection.execute(
                "DELETE FROM documents WHERE document_id = ? AND ?", (document_id, not path.is_file())
            )
            with suppress(DocumentError):
                connection.execute(
                    "UPDATE documents SET type = ?, bytes = ?, pages = 0, pages_indexed = 0, pages_shallow = 0, "
                    "state = 'queued' WHERE document_id = ?",
                    (check_document(path, library.limits), path.stat().st_size, document_id),
                )
            done.append(f"the row about {row['name']!r} in the database was damaged")
    return done


def _files(library: Library) -> list[str]:
    done = []
    for document_id in library.files_without_rows():
        with suppress(DocumentError):
            library.adopt(document_id)
            done.append(f"a file without a name was taken up as {library.get(document_id).name}")
    for document in library.documents():
        path = library.files.path(document.document_id)
        if path.is_file() and sha256_of(path) == document.document_id:
            continue
        if path.exists():
            aside = library.folder / "damaged"
            aside.mkdir(exist_ok=True)
            path.replace(aside / document.document_id)
        # its pages in the index stay, and can be found
        library.set_state(document.document_id, "failed", "Its file is gone or damaged; add it again.")
        done.append(f"the file of {document.name!r} is gone or damaged; add it again")
    return done


def _index(library: Library) -> list[str]:
    """Set an index aside that does not open; drop what is in it and not in the library, and what is damaged."""
    index = library.folder / INDEX
    if not index.exists():
        return []
    config = recorded_config(index)
    try:
        if config is None:
            raise LibraryDamaged("the index lost its record")
        check_shard(index)
        with closing(open_store(index, config)) as store:
            return _pages(library, store)
    except StoreError as error:
        aside = set_aside(index)
        return [f"the index is made anew ({error}); the old one lies in {aside.name}"]


def _pages(library: Library, store: PageStore) -> list[str]:
    done = []
    known = {document.document_id for document in library.documents()}
    for document_id in store.document_ids() - known:
        store.delete_document(document_id)
        done.append(f"pages of {document_id[:12]}, which is not in the library, were removed from the index")
    has_lost = store.n_without_meaning() > 0
    for document in library.documents():
        numbers = sorted(store.page_numbers(document.document_id))
        library.set_shallow(document.document_id, len(store.shallow_pages(document.document_id)))
        lost = store.without_meaning(document.document_id) if has_lost else ()
        if lost or any(True for _ in damaged_pages(store, document.document_id, numbers, tolerant=False)):
            store.delete_document(document.document_id)
            _queue(library, document, 0)
            done.append(f"{document.name!r} is read again: its vectors were damaged")
        elif document.state == "indexed" and len(numbers) < document.pages_indexed:
            _queue(library, document, len(numbers))
            done.append(f"{document.name!r} is read again: pages of it were missing in the index")
    return done


def _queue(library: Library, document: Document, pages_indexed: int) -> None:
    library.set_state(document.document_id, "queued", pages_indexed=pages_indexed)


def _judgements(library: Library) -> list[str]:
    judgements = Judgements(library.folder / JUDGEMENTS)
    with closing(judgements):
        done = []
        if judgements.set_aside:
            done.append(f"the judgements were damaged: {len(judgements.all())} could be read")
        known = {document.document_id for document in library.documents()}
        strangers = {judgement.document_id for judgement in judgements.all()} - known
        for document_id in strangers:
            judgements.forget_document(document_id)
        if strangers:
            done.append(f"judgements of {len(strangers)} documents that are gone were removed")
    return done
