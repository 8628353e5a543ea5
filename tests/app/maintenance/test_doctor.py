"""Every kind of damage is noticed, mended where it can be, and never costs what is sound."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pagelight.app.cli.main import FAILED, OK, main
from pagelight.app.maintenance.doctor import examine
from pagelight.app.maintenance.repair import repair
from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.library import Library
from pagelight.retrieval.errors import NotFound, PagelightError
from tests.app.maintenance.damages import (
    DAMAGES,
    SMALL_DAMAGES,
    file_of,
    in_database,
    judge,
    lose_mappings,
    overwrite,
)

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("kind", SMALL_DAMAGES)
def test_small_damage_is_named_and_mended(indexed_library: Path, kind: str) -> None:
    damage, part, named = SMALL_DAMAGES[kind]
    damage(indexed_library)
    first = examine(indexed_library).findings[0]
    assert first.part == part
    assert not first.mend
    assert repair(indexed_library)
    assert [finding for finding in examine(indexed_library).findings if finding.part != "index"] == []
    with closing(Library(indexed_library)) as library:
        assert len(library.documents()) == 3
        assert named <= {document.name for document in library.documents()}


def test_an_index_that_ends_whoever_opens_it_is_named_and_made_anew(
    indexed_library: Path, capsys: Captured
) -> None:
    """Damaged lengths in Qdrant's files make it ask for more memory than there is, which ends the process."""
    (path,) = indexed_library.glob("index/shard/segments/*/mutable_id_tracker.mappings")
    content = bytearray(path.read_bytes())
    content[20] = 0xFF  # of the number of the first page (form: a byte, 16 of its id, 4 of its number)
    path.write_bytes(content)
    assert main(["doctor"]) == FAILED
    assert "so that it ends whatever opens it" in capsys.readouterr().err
    (indexed_library / "index" / "opening").touch()  # as a search leaves it that was ended
    assert main(["search", "emergency stop"]) == FAILED
    assert "pagelight repair" in capsys.readouterr().err
    assert repair(indexed_library)[0].startswith("the index is made anew")


def test_a_panic_of_qdrant_is_one_sentence_to_the_doctor(
    indexed_library: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in indexed_library.glob("index/shard/segments/*/payload_index/*-null/*/status.dat"):
        path.write_bytes(b"")
    assert main(["doctor"]) == FAILED
    first, last = capfd.readouterr().err.splitlines()
    assert first.startswith("index: The index in ")
    assert last.startswith("mend it with: ")


def test_an_index_that_is_a_file_is_made_anew(indexed_library: Path) -> None:
    shutil.rmtree(indexed_library / "index")
    (indexed_library / "index").write_text("x")
    assert main(["reindex"]) == OK
    assert examine(indexed_library).sound


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


def test_a_document_whose_file_is_lost_is_still_found(indexed_library: Path, capsys: Captured) -> None:
    file_of(indexed_library, "manual.pdf").unlink()
    assert main(["repair"]) == FAILED
    capsys.readouterr()
    assert main(["search", "emergency stop"]) == OK
    assert "manual.pdf" in capsys.readouterr().out


def test_a_file_that_was_damaged_is_whole_when_it_is_added_again(
    indexed_library: Path, documents: Path
) -> None:
    """The damaged one used to stay, so that "add it again" never helped."""
    overwrite(file_of(indexed_library, "manual.pdf"))
    assert main(["add", str(documents / "manual.pdf")]) == OK
    assert examine(indexed_library, thorough=True).sound


def test_a_search_that_finds_nothing_says_where_the_index_lost_its_pages(
    indexed_library: Path, capsys: Captured
) -> None:
    lose_mappings(indexed_library)
    assert main(["search", "emergency stop"]) == FAILED
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("pagelight: "))
    assert line == (
        "pagelight: the index has lost 4 pages; mend it from the documents with: "
        f"pagelight repair --data {indexed_library}"
    )


def test_nothing_is_taken_for_damaged_while_the_disk_is_full(
    indexed_library: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """`repair` used to set the database aside, which cannot be opened then, and all names and tags with it."""
    with monkeypatch.context() as patch:
        for module in ("retrieval.disk", "app.maintenance.doctor"):
            patch.setattr(f"pagelight.{module}.free_bytes", lambda folder: 1_000_000)
        assert main(["doctor"]) == FAILED
        assert capsys.readouterr().err == (
            "disk: 1 MB are free, too few to look at anything else (free some room)\n"
        )
        for command in (
            ["repair"],
            ["search", "emergency stop"],
        ):  # opening the index ended the process (SIGBUS)
            assert main(command) == FAILED
            (line,) = capsys.readouterr().err.splitlines()
            assert line.startswith("pagelight: The disk is full: ")
    assert main(["doctor"]) == OK


def test_a_library_of_a_newer_version_is_left_alone(indexed_library: Path, capsys: Captured) -> None:
    in_database("PRAGMA user_version = 99")(indexed_library)
    assert main(["doctor"]) == FAILED
    assert "was written by a newer Pagelight (update this one)" in capsys.readouterr().err
    assert main(["repair"]) == FAILED
    assert not list(indexed_library.glob("*.damaged-*"))


def test_what_was_taken_up_without_a_name_gets_it_back_with_its_file(
    indexed_library: Path, documents: Path
) -> None:
    (indexed_library / "library.sqlite3").unlink()
    shutil.rmtree(indexed_library / "index")
    assert main(["add", *map(str, documents.iterdir())]) == OK
    with Service(Settings(data=indexed_library, samples=False)) as service:
        assert sorted(d.name for d in service.documents()) == ["manual.pdf", "photo.png", "report.pdf"]


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


def test_a_folder_without_a_library_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds no library"):
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
