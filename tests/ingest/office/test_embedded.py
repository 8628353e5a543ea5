"""Files inside Office files, which are documents of their own."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.office.converter import soffice
from pagelight.ingest.office.embedded import attached_to
from pagelight.ingest.render.attachments import MAX_ATTACHED
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from tests.cases import CASES
from tests.ingest.office.compound import Tree, compound_file
from tests.ingest.office.made_files import docx, zipped

PDF = (CASES / "10-spaced-letters.pdf").read_bytes()


def package(name: str, content: bytes) -> bytes:
    """A file as Windows' packager keeps it."""
    path = f"C:\\{name}".encode() + b"\0"
    data = b"\2\0" + name.encode() + b"\0" + path + struct.pack("<II", 0x30000, len(path)) + path
    data += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(data)) + data


INSIDE: Mapping[str, Tree] = {
    "embedded.pdf": {"CONTENTS": PDF, "\1CompObj": b"x"},
    "plan.pdf": {"\1Ole10Native": package("plan.pdf", PDF)},
    "tool.exe": {"\1Ole10Native": package("tool.exe", b"MZ\x90\0")},
}


def word_file(inside: bytes) -> bytes:
    return zipped({"word/document.xml": "", "word/embeddings/oleObject1.bin": inside})


@pytest.mark.parametrize("name", INSIDE)
@pytest.mark.parametrize("is_old", [False, True])
def test_what_lies_in_an_office_file_is_told(tmp_path: Path, name: str, is_old: bool) -> None:
    path, inside = tmp_path / "a", INSIDE[name]
    twice = {"Workbook": b"x", "MBD1": inside, "MBD2": inside}
    path.write_bytes(
        compound_file(twice) + zipped({"theme": ""}) if is_old else word_file(compound_file(inside))
    )
    file_type = FileType.XLS if is_old else FileType.DOCX
    (file,) = attached_to(path, file_type, tmp_path, Limits())
    assert file.name == name
    assert (file.path.read_bytes() if file.path else None) == (PDF if name.endswith("pdf") else None)


def test_those_beyond_the_limits_are_named(tmp_path: Path) -> None:
    parts = {f"word/embeddings/{i}.pdf": PDF + bytes([i % 256, i // 256]) for i in range(MAX_ATTACHED + 1)}
    (tmp_path / "a").write_bytes(zipped({"word/document.xml": "", **parts}))
    files = list(attached_to(tmp_path / "a", FileType.DOCX, tmp_path, Limits()))
    assert [file.name for file in files if not file.path] == [f"{MAX_ATTACHED}.pdf"]
    files = list(attached_to(tmp_path / "a", FileType.DOCX, tmp_path, Limits(max_bytes=2 * len(PDF) + 4)))
    assert sum(file.path is not None for file in files) == 2
    assert len(files) == MAX_ATTACHED + 1


def test_damage_costs_no_more_than_what_is_damaged(tmp_path: Path) -> None:
    whole = word_file(compound_file(INSIDE["embedded.pdf"]))
    for content in (
        whole[:200],
        word_file(b"%PDF-1.4"),
        word_file(compound_file({"\1Ole10Native": b"x"})),
        b"PK\3\4",
        b"",
    ):
        (tmp_path / "a").write_bytes(content)
        list(attached_to(tmp_path / "a", FileType.DOCX, tmp_path, Limits()))


@pytest.mark.skipif(soffice() is None, reason="no LibreOffice")
def test_a_pdf_in_a_text_is_a_document(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(docx("See the plan"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/embeddings/oleObject1.bin", compound_file(INSIDE["plan.pdf"]))
    assert jobs.wait(jobs.submit([(path, "a.docx")]), 120)
    assert {document.name for document in library.documents()} == {"a.docx", "a.docx › plan.pdf"}
