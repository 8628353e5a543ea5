"""Ways in which a library is damaged, and the files that they are done to."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from pagelight.app.service import Service
from pagelight.app.settings import Settings

Damage = Callable[[Path], None]


ALL = {"manual.pdf", "photo.png", "report.pdf"}


def file_of(folder: Path, name: str) -> Path:
    with sqlite3.connect(folder / "library.sqlite3") as connection:
        (found,) = connection.execute("SELECT document_id FROM documents WHERE name = ?", (name,)).fetchone()
    return folder / "files" / str(found)[:2] / str(found)


def judge(folder: Path) -> None:
    with Service(Settings(data=folder, samples=False)) as service:
        service.judge("emergency", service.find_document("manual.pdf").document_id, 1, True)


def overwrite(path: Path) -> None:
    path.write_bytes(b"damaged " * 3000)


def forget_rows(folder: Path) -> None:
    with sqlite3.connect(folder / "library.sqlite3") as connection:
        connection.execute("DELETE FROM documents")


def lose_vectors(folder: Path) -> None:
    for path in folder.glob("index/shard/segments/*/vector_storage-patches/vectors/chunk_0.mmap"):
        path.unlink()


def cut_vectors(folder: Path) -> None:
    for path in folder.glob("index/shard/segments/*/vector_storage-patches/vectors/chunk_0.mmap"):
        path.write_bytes(b"")


def zero_vectors(folder: Path) -> None:
    for path in folder.glob("index/shard/segments/*/vector_storage-patches/vectors/chunk_0.mmap"):
        with path.open("r+b") as stream:
            stream.write(bytes(1 << 20))


def in_database(statement: str) -> Damage:
    def change(folder: Path) -> None:
        with sqlite3.connect(folder / "library.sqlite3") as connection:
            connection.execute(statement)

    return change


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def lose_mappings(folder: Path) -> None:
    for path in folder.glob("index/shard/segments/*/mutable_id_tracker.mappings"):
        path.unlink()


#: what is done to a library, which part doctor names, and what repair can bring back (all of it)
DAMAGES: dict[str, tuple[Damage, str]] = {
    "database gone": (lambda folder: (folder / "library.sqlite3").unlink(), "database"),
    "database overwritten": (lambda folder: overwrite(folder / "library.sqlite3"), "database"),
    "rows gone": (forget_rows, "files"),
    "index gone": (lambda folder: shutil.rmtree(folder / "index"), "index"),
    "record of the index gone": (lambda folder: (folder / "index" / "index.json").unlink(), "index"),
    "record of the index damaged": (lambda folder: overwrite(folder / "index" / "index.json"), "index"),
    "vectors gone": (lose_vectors, "index"),
    "vectors zero": (zero_vectors, "index"),
    "vectors cut": (cut_vectors, "index"),
    "segments gone": (lambda folder: shutil.rmtree(folder / "index" / "shard" / "segments"), "index"),
    "judgements overwritten": (lambda folder: overwrite(folder / "judgements.sqlite"), "judgements"),
}


#: what is mended without reading any document again, the part that doctor names, and the documents that keep their names
SMALL_DAMAGES: dict[str, tuple[Damage, str, set[str]]] = {
    "database a folder": (lambda folder: become_a_folder(folder / "library.sqlite3"), "database", set()),
    "table gone": (in_database("DROP TABLE names"), "database", ALL),
    "other table gone": (in_database("DROP TABLE remarks"), "database", ALL),
    "column gone": (in_database("ALTER TABLE documents DROP COLUMN dated"), "database", ALL),
    "version wrong": (in_database("PRAGMA user_version = 3"), "database", ALL),
    "type unknown": (
        in_database("UPDATE documents SET type = 'pdg' WHERE name = 'manual.pdf'"),
        "database",
        ALL,
    ),
    "number wrong": (
        in_database("UPDATE documents SET pages = 'l' WHERE name = 'manual.pdf'"),
        "database",
        ALL,
    ),
    "id wrong": (
        in_database("UPDATE documents SET document_id = 'zz' WHERE name = 'report.pdf'"),
        "database",
        {"manual.pdf", "photo.png"},
    ),
    "judgements a folder": (lambda folder: become_a_folder(folder / "judgements.sqlite"), "judgements", ALL),
}
