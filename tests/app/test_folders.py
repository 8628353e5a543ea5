"""Which files of a folder are documents, and what is said of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pagelight.app.folders import document_files, folder_content, given_paths
from pagelight.ingest.library import DATABASE
from pagelight.ingest.render.file_type import check_file
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import InvalidInput, UnreadableDocument
from tests.samples import text_pdf


def test_a_folder_says_what_it_left_out_and_looks_into_files_without_an_extension(tmp_path: Path) -> None:
    pdf = text_pdf(tmp_path, 1, "REPORT.PDF").read_bytes()
    for name in ("invoice", "minutes v1.2", "scan.pdf.bak", "sub/deep"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(pdf)
    for name in ("notes", "sheet.numbers", "clip.mp4", ".hidden.pdf", "Thumbs.db"):
        (tmp_path / name).write_text("nothing to read")
    content = folder_content(tmp_path)
    found = ["REPORT.PDF", "invoice", "minutes v1.2", "sub/deep"]
    assert [str(path.relative_to(tmp_path)) for path in content.documents] == found
    assert content.left_out == (
        "4 files of other types left out: clip.mp4, notes, scan.pdf.bak, sheet.numbers"
    )
    assert document_files(tmp_path) == content.documents


def test_a_long_list_of_other_files_stays_one_line(tmp_path: Path) -> None:
    for number in range(1200):
        (tmp_path / f"{number:04}.xyz").touch()
    said = folder_content(tmp_path).left_out
    assert said.startswith("1,200 files of other types left out: 0000.xyz, ")
    assert said.endswith(" and 1,195 more")


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert folder_content(tmp_path).left_out == "2 files that cannot be opened left out: gone, pipe"


def test_links_to_other_folders_and_libraries_are_left_out_and_named(tmp_path: Path) -> None:
    """`pagelight add .` beside the default data folder used to take up its files and page images as documents."""
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    for path in (folder / "inside", folder / "library" / "files", elsewhere):
        path.mkdir(parents=True)
        text_pdf(path, 1)
    (folder / "library" / DATABASE).touch()
    (folder / "loop").symlink_to(folder)
    (folder / "again").symlink_to(folder / "inside")
    (folder / "out").symlink_to(elsewhere)
    content = folder_content(folder)
    assert [path.relative_to(folder).as_posix() for path in content.documents] == ["inside/text.pdf"]
    assert content.left_out == (
        "1 link to other folders left out: out; 1 data folder of Pagelight left out: library"
    )
    assert folder_content(folder / "out").documents == [folder / "out" / "text.pdf"]


@pytest.mark.parametrize("name", ["x" * 300 + ".pdf", "circle"])
def test_a_path_that_cannot_be_looked_at_is_told_in_its_turn(tmp_path: Path, name: str) -> None:
    """One of them used to end `pagelight add`, whatever else it was given."""
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert folder_content(tmp_path / name).documents == [tmp_path / name]
    with pytest.raises(UnreadableDocument, match="The file cannot be opened: "):
        check_file(tmp_path / name, Limits())


def test_an_empty_path_is_not_the_current_folder() -> None:
    """`pagelight add ""`, as a shell makes it of an unset variable, used to index the current folder."""
    with pytest.raises(InvalidInput, match="current folder"):
        given_paths(["a.pdf", ""])
    assert given_paths([".", Path("a.pdf")]) == [Path(), Path("a.pdf")]


def test_a_path_that_does_not_exist_has_no_documents(tmp_path: Path) -> None:
    assert folder_content(tmp_path / "nothing").documents == []
