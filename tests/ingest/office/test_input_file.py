"""Files that are made to be read for ever, or to end whoever reads them: they cost themselves alone."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from pagelight.ingest.office.input_file import write_input
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import DocumentError
from tests.ingest.office import made_files

HEAD = "From: a@b.c\nTo: d@e.f\nSubject: x\n"
SHEET = {"xl/workbook.xml": "", "xl/worksheets/a.xml": '<row r="1">' * 400_000}
HOSTILE = {
    "tags": (FileType.HTML, "<b>" * 300_000 + "<i></i>" * 300_000),
    "declarations": (FileType.HTML, "<![" * 9),
    "style sheet": (FileType.HTML, f"<style>{'@a' * 900_000}</style>"),
    "brackets": (FileType.MARKDOWN, "[" * 900_000),
    "numbers": (FileType.MARKDOWN, "9" * 9_000 + ". oil"),
    "addresses": (FileType.EML, f"{HEAD}Cc: {'a@b, ' * 200_000}\n\nx"),
    "nested mails": (FileType.EML, f"{HEAD}Content-Type: message/rfc822\n\n" * 5_000),
    "rows": (FileType.XLSX, made_files.zipped(SHEET)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_in_time_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    file_type, content = HOSTILE[name]
    source, given = tmp_path / "a", tmp_path / f"b.{'xlsx' if file_type is FileType.XLSX else 'html'}"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    start = time.perf_counter()
    with pytest.raises(DocumentError) as caught:
        write_input(source, given, file_type, replace(Limits(), memory_mb=2048), 3)
    assert time.perf_counter() - start < 10
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_wrong_is_told_by_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(made_files.zipped({"a": "b"}))
    with pytest.raises(DocumentError, match=r"The e-book is damaged or protected"):
        write_input(tmp_path / "a", tmp_path / "b.html", FileType.EPUB, Limits(), 30)
