"""Spreadsheets of which nothing is cut off."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pagelight.ingest.office.converter import convert, soffice
from pagelight.ingest.office.spreadsheet import write_with_room
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from tests.ingest.office.made_files import saved_as, xlsx
from tests.ingest.rendered_pages import pages_of

LONG = "The sill beam of the lock is cracked, anodes are loose, and gates leak; " * 8 + "xylophagous worms."
NARROW = '<cols><col min="1" max="2" width="4" customWidth="1"/></cols>'


@pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")
def test_long_texts_and_numbers_are_there_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    rows = [
        ("Superintendent", "Remark", "Who"),
        ("Kowalczyk-Brzeczyszczykiewicz", LONG, "Ines"),
        (1234567890123, "short", LONG),
    ]
    path.write_bytes(xlsx(rows, NARROW))
    convert(path, tmp_path / "log.pdf", FileType.XLSX, Limits())
    texts = [text for page in pages_of(tmp_path / "log.pdf", 60) for text in page.words.texts]
    assert texts.count("xylophagous") == 2
    assert {"Superintendent", "Kowalczyk-Brzeczyszczykiewicz", "Ines", "1234567890123", "short"} <= set(texts)


@pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("file_type", [FileType.XLS, FileType.ODS])
def test_sheets_of_other_kinds_have_room_too(tmp_path: Path, file_type: FileType) -> None:
    rows = [
        ("Superintendent", "Remark", "Who"),
        ("Kowalczyk-Brzeczyszczykiewicz", LONG, "Ines"),
        (1234567890123, "a", LONG),
    ]
    (tmp_path / "log.xlsx").write_bytes(xlsx(rows, NARROW))
    saved_as(tmp_path / "log.xlsx", file_type.value)
    convert(tmp_path / f"log.{file_type.value}", tmp_path / "log.pdf", file_type, Limits())
    texts = [text for page in pages_of(tmp_path / "log.pdf", 60) for text in page.words.texts]
    assert texts.count("xylophagous") == 2
    assert {"Superintendent", "Ines", "1234567890123"} <= set(texts)


@pytest.mark.parametrize(
    "rows",
    [
        [("Date", "Remark"), ("Monday", "short"), (4471, 12)],
        [("A title that reaches over the empty cells beside it",), ("Date", "Who")],
    ],
)
def test_a_sheet_with_room_stays_as_it_is(tmp_path: Path, rows: list[tuple[str | int, ...]]) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(xlsx(rows))
    assert not write_with_room(path, tmp_path / "copy.xlsx")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", xlsx([("a",)])[:-40]])
def test_what_is_no_workbook_is_left_to_libreoffice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(content)
    assert not write_with_room(path, tmp_path / "copy.xlsx")


def test_hidden_columns_stay_hidden_and_entries_of_columns_stay(tmp_path: Path) -> None:
    path, copy = tmp_path / "log.xlsx", tmp_path / "copy.xlsx"
    columns = (
        '<cols><col min="1" max="1" width="4" style="0"/><col min="2" max="9" width="5" hidden="1"/></cols>'
    )
    path.write_bytes(xlsx([("Superintendent of docks", "hidden away from all", "x")], columns))
    assert write_with_room(path, copy)

    with zipfile.ZipFile(copy) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<col min="1" max="1" width="25" style="0" customWidth="1"/>' in sheet
    assert '<col min="2" max="9" width="5" hidden="1"/>' in sheet
