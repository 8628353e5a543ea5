"""Every kind of damage is noticed, mended where it can be, and never costs what is sound."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pagelight.app.cli.main import FAILED, OK, main
from pagelight.app.maintenance.doctor import examine
from pagelight.app.maintenance.repair import repair
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.retrieval.errors import InvalidSetting, PagelightError

Captured = pytest.CaptureFixture[str]
Damage = Callable[[Path], None]


def file_of(folder: Path, name: str) -> Path:
    with sqlite3.connect(folder / "library.sqlite3") as connection:
        (found,) = connection.execute("SELECT document_id FROM documents WHERE name = ?", (name,)).fetchone()
    return folder / "files" / found[:2] / found


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


def zero_vectors(folder: Path) -> None:
    for path in folder.glob("index/shard/segments/*/vector_storage-patches/vectors/chunk_0.mmap"):
        with path.open("r+b") as stream:
            stream.write(bytes(1 << 20))


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
    "segments gone": (lambda folder: shutil.rmtree(folder / "index" / "shard" / "segments"), "index"),
    "judgements overwritten": (lambda folder: overwrite(folder / "judgements.sqlite"), "judgements"),
}


def test_a_sound_library_is_said_to_be_sound(indexed_library: Path, capsys: Captured) -> None:
    assert main(["doctor", "--thorough"]) == OK
    assert capsys.readouterr().out == "3 documents, 4 pages in the index: all is well\n"
    assert main(["repair"]) == OK
    assert capsys.readouterr().out == "nothing had to be mended\n"


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_noticed_and_mended_from_the_documents(
    indexed_library: Path, capsys: Captured, kind: str
) -> None:
    damage, part = DAMAGES[kind]
    judge(indexed_library)
    damage(indexed_library)
    assert main(["doctor"]) == FAILED
    said = capsys.readouterr().err
    assert any(line.startswith(f"{part}: ") for line in said.splitlines())
    assert f"pagelight repair --data {indexed_library}" in said
    assert "Traceback" not in said
    assert main(["repair"]) == OK
    assert main(["doctor", "--thorough"]) == OK
    with Service(Settings(data=indexed_library, samples=False)) as service:
        assert len(service.documents()) == 3
        assert len(service.search("emergency stop").hits) == 1
        assert len(service.judgements()) == (part != "judgements")


@pytest.mark.parametrize("kind", ["gone", "damaged"])
def test_a_document_whose_file_is_lost_says_so_until_it_is_added_again(
    indexed_library: Path, documents: Path, capsys: Captured, kind: str
) -> None:
    path = file_of(indexed_library, "manual.pdf")
    path.unlink() if kind == "gone" else overwrite(path)
    assert main(["doctor"]) == FAILED
    assert capsys.readouterr().err == f"files: the file of 'manual.pdf' is {kind} (add it again)\n"
    assert main(["repair"]) == FAILED
    assert main(["add", str(documents / "manual.pdf")]) == OK
    assert main(["doctor", "--thorough"]) == OK
    assert main(["search", "emergency stop"]) == OK


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_library_opens_or_says_in_one_line_what_mends_it(indexed_library: Path, kind: str) -> None:
    """Never "nothing matches" where pages are lost: either they are read again, or the error names the command."""
    DAMAGES[kind][0](indexed_library)
    try:
        with Service(Settings(data=indexed_library, samples=False)) as service:
            service.resume()
            for job in service.active_jobs():
                job.wait(60)
            if kind != "vectors zero":
                assert service.search("emergency stop").matched
    except PagelightError as error:
        said = str(error)
        assert "pagelight repair" in said, said
        assert "\n" not in said


def test_doctor_looks_beside_a_running_library(service: Service) -> None:
    checkup = examine(service.settings.data)
    assert checkup.sound
    assert "in use" in checkup.unchecked


def test_a_folder_without_a_library_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="holds no library"):
        examine(tmp_path / "nothing")


def test_what_is_in_the_index_alone_is_removed(indexed_library: Path) -> None:
    with sqlite3.connect(indexed_library / "library.sqlite3") as connection:
        connection.execute("DELETE FROM documents WHERE name = 'report.pdf'")
    file = next(path for path in (indexed_library / "files").rglob("*") if path.is_file())
    assert file
    for path in (indexed_library / "files").rglob("*"):
        if path.is_file() and path.name not in {
            file_of(indexed_library, name).name for name in ("manual.pdf", "photo.png")
        }:
            path.unlink()
    (finding,) = examine(indexed_library).findings
    assert str(finding) == "index: 2 pages of documents that are not in the library"
    assert repair(indexed_library)
    assert examine(indexed_library).sound
