"""A backup is made while the library is in use, holds everything, and is checked before it is brought back."""

from __future__ import annotations

import io
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest

from pagelight.app.cli.main import OK, WRONG_USAGE, main
from pagelight.app.maintenance.backup import back_up, restore
from pagelight.app.maintenance.doctor import examine
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.retrieval.errors import InvalidInput, InvalidSetting, LibraryDamaged
from tests.samples import text_pdf


def test_a_library_comes_back_from_a_backup_that_was_made_while_it_was_in_use(
    service: Service, tmp_path: Path
) -> None:
    manual = service.find_document("manual.pdf").document_id
    service.judge("emergency", manual, 1, True)
    service.set_tags(manual, ["safety"])
    made = back_up(service.settings.data, tmp_path / "backup.tar")
    assert (made.n_documents, made.missing) == (3, ())
    before = service.documents()
    service.close()
    assert main(["restore", str(made.path), "--data", str(tmp_path / "again")]) == OK
    with Service(Settings(data=tmp_path / "again", samples=False)) as again:
        assert [(d.document_id, d.name, d.added, d.tags, d.state) for d in again.documents()] == [
            (d.document_id, d.name, d.added, d.tags, "indexed") for d in before
        ]
        assert len(again.judgements()) == 1
        assert len(again.search("emergency stop").hits) == 1
    assert examine(tmp_path / "again", thorough=True).sound


def test_backups_beside_adding_and_deleting_are_whole(empty_service: Service, tmp_path: Path) -> None:
    stop = threading.Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            path = text_pdf(tmp_path, 1, f"{number}.pdf", str(number))
            empty_service.add([path]).wait(20)
            if number % 2:
                empty_service.delete_document(empty_service.find_document(f"{number}.pdf").document_id)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for number in range(4):
            made = back_up(empty_service.settings.data, tmp_path / f"{number}.tar")
            restored = restore(made.path, tmp_path / f"restored {number}")
            assert restored.missing == ()
            assert restored.n_documents == made.n_documents
    finally:
        stop.set()
        thread.join(60)


def hostile(path: Path, name: str, data: bytes = b"x") -> Path:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/tmp/outside",
        "files/ab/../../../outside",
        "files/ab/short",
        f"files/ab/{'ab' * 32}",  # whose content is another
        "library.sqlite3",  # which is no database
        "lock",
    ],
)
def test_a_backup_that_is_none_writes_nothing(tmp_path: Path, name: str) -> None:
    path = hostile(tmp_path / "backup.tar", name)
    with pytest.raises(LibraryDamaged):
        restore(path, tmp_path / "library")
    assert [entry.name for entry in tmp_path.iterdir()] == ["backup.tar"]


def test_a_backup_that_was_cut_short_writes_nothing(indexed_library: Path, tmp_path: Path) -> None:
    made = back_up(indexed_library, tmp_path / "backup.tar")
    data = made.path.read_bytes()
    for length in (0, 100, 5000, len(data) // 2):
        made.path.write_bytes(data[:length])
        with pytest.raises(LibraryDamaged):
            restore(made.path, tmp_path / "again")
        assert not (tmp_path / "again").exists()


def test_nothing_that_is_there_is_overwritten(indexed_library: Path, tmp_path: Path) -> None:
    made = back_up(indexed_library, tmp_path / "backup.tar")
    with pytest.raises(InvalidInput, match="exists"):
        back_up(indexed_library, made.path)
    with pytest.raises(InvalidSetting, match="not empty"):
        restore(made.path, indexed_library)
    assert main(["backup", str(made.path)]) == WRONG_USAGE
    assert sorted(path.name for path in indexed_library.glob("backup*")) == []


def test_one_damaged_document_costs_itself_alone(indexed_library: Path, tmp_path: Path) -> None:
    """It used to make a backup that could not be brought back."""
    with sqlite3.connect(indexed_library / "library.sqlite3") as connection:
        (found,) = connection.execute("SELECT document_id FROM documents WHERE name = 'photo.png'").fetchone()
    path = indexed_library / "files" / found[:2] / found
    whole = back_up(indexed_library, tmp_path / "whole.tar")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    made = back_up(indexed_library, tmp_path / "backup.tar")
    assert (made.n_documents, made.missing) == (2, ("photo.png",))
    assert restore(made.path, tmp_path / "again").missing == ()
    archive = bytearray(whole.path.read_bytes())
    archive[archive.index(content) + len(content) - 1] ^= 1
    whole.path.write_bytes(archive)
    restored = restore(whole.path, tmp_path / "once more")
    assert (restored.n_documents, restored.missing) == (2, ("photo.png",))


@pytest.mark.parametrize("kind", ["gone", "emptied", "table gone"])
def test_a_library_that_lost_its_database_is_repaired_before_it_is_backed_up(
    indexed_library: Path, tmp_path: Path, kind: str
) -> None:
    database = indexed_library / "library.sqlite3"
    if kind == "gone":
        database.unlink()
    else:
        with sqlite3.connect(database) as connection:
            connection.execute("DELETE FROM documents" if kind == "emptied" else "DROP TABLE tags")
    with pytest.raises(LibraryDamaged, match=f"pagelight repair --data {indexed_library}$"):
        back_up(indexed_library, tmp_path / "backup.tar")
    assert not list(tmp_path.glob("backup.tar*"))


def test_a_document_without_its_file_is_left_out_and_named(indexed_library: Path, tmp_path: Path) -> None:
    with sqlite3.connect(indexed_library / "library.sqlite3") as connection:
        (found,) = connection.execute("SELECT document_id FROM documents WHERE name = 'photo.png'").fetchone()
    (indexed_library / "files" / found[:2] / found).unlink()
    made = back_up(indexed_library, tmp_path / "backup.tar")
    assert (made.n_documents, made.missing) == (2, ("photo.png",))
    assert restore(made.path, tmp_path / "again").missing == ()
