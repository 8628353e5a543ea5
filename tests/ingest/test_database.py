"""Older databases are brought up to date; damage and odd folders are one sentence."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pagelight.ingest.database import _MIGRATIONS, VERSION, Database
from pagelight.ingest.library import DATABASE, Library
from pagelight.retrieval.errors import DiskFull, LibraryDamaged, StoreError, StoreUnavailable
from tests import samples

TraceFunction = Callable[[FrameType, str, object], Any]


@pytest.fixture
def first_version(tmp_path: Path) -> str:
    """A data folder as version 0.1 wrote it, with one document, whose id this is."""
    document_id = "ab" * 32
    file = tmp_path / "files" / "ab" / document_id
    file.parent.mkdir(parents=True)
    file.write_bytes(b"%PDF-1.4")
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.executescript(_MIGRATIONS[0])
    connection.execute(
        "INSERT INTO documents (document_id, name, type, bytes, pages, state) "
        "VALUES (?, 'Old.pdf', 'pdf', 8, 3, 'indexed')",
        (document_id,),
    )
    connection.commit()
    connection.close()
    return document_id


def test_an_interruption_right_after_a_transaction_began_leaves_none(tmp_path: Path) -> None:
    database = Database(tmp_path / DATABASE)

    def interrupt(frame: FrameType, event: str, argument: object) -> TraceFunction:
        if frame.f_code.co_name == "work" and event == "line" and database._connection.in_transaction:
            sys.settrace(None)
            raise KeyboardInterrupt
        return interrupt

    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt), database.work():
            pass
    finally:
        sys.settrace(before)
    with database.work() as connection:
        connection.execute("INSERT INTO followed VALUES ('scans')")
    with sqlite3.connect(tmp_path / DATABASE) as other:
        assert other.execute("SELECT folder FROM followed").fetchall() == [("scans",)]
    other.close()
    database.close()


def test_a_library_of_the_first_version_is_brought_up_to_date(tmp_path: Path, first_version: str) -> None:
    library = Library(tmp_path)
    (document,) = library.documents()
    assert (document.document_id, document.name, document.pages) == (first_version, "Old.pdf", 3)
    assert document.added.startswith("20")  # from the file's date
    assert library.find("old.PDF") == document
    assert library.older_versions(first_version) == []
    library.close()
    again = Library(tmp_path)
    assert again.documents() == [document]
    again.close()


def test_a_library_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / DATABASE).close()
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match="newer Pagelight"):
        Database(tmp_path / DATABASE)


@pytest.mark.parametrize("damage", ["text", "header", "middle"])
def test_a_damaged_database_names_the_command_that_mends_it(tmp_path: Path, damage: str) -> None:
    library = Library(tmp_path)
    for number in range(20):
        library.add(samples.text_pdf(tmp_path, 1, seed=str(number)), f"{number} {'long name ' * 30}.pdf")
    library.close()
    path = tmp_path / DATABASE
    data = bytearray(path.read_bytes())
    if damage == "text":
        data = bytearray(b"no database at all " * 1000)
    elif damage == "header":
        data[:100] = bytes(100)
    else:
        data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(LibraryDamaged, match="pagelight repair --data"):
        Library(tmp_path).documents()


def test_a_database_that_lost_its_rows_is_rebuilt_from_the_files(tmp_path: Path) -> None:
    library = Library(tmp_path)
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    library.close()
    for path in tmp_path.glob(f"{DATABASE}*"):
        path.unlink()
    again = Library(tmp_path)
    (found,) = again.documents()
    assert found.document_id == document.document_id
    assert (found.state, found.name) == ("queued", f"recovered-{document.document_id[:8]}.pdf")
    again.close()


def test_a_full_disk_is_said_to_be_full_and_nothing_is_half_written(library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    with library.database.work() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="disk is full"):
        library.set_tags(document.document_id, [f"{'tag ' * 20}{number}" for number in range(99)])
    connection.execute("PRAGMA max_page_count = 1000000")
    assert library.documents() == [document]
    library.set_tags(document.document_id, ["now"])


def test_a_folder_that_is_gone_is_noticed(library: Library) -> None:
    library.check_folder()
    library.folder.rename(library.folder.with_name("elsewhere"))
    with pytest.raises(StoreUnavailable, match="is gone"):
        library.check_folder()
