"""What lies in mails and office files is read in a process that ends in time, and damage is told."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from pagelight.ingest.office.contents import UNTOLD, contents_of, is_damaged
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf_opening import MENDED
from tests.cases import CASES
from tests.ingest.office import made_files

PDF = (CASES / "10-spaced-letters.pdf").read_bytes()


def test_a_mail_has_a_date_and_files(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(
        b"Date: Sun, 1 Mar 2026 10:00:00 +0100\n"
        + made_files.mail("See the plan", {"plan.pdf": PDF, "tool.exe": b"MZ\x90"})
    )
    contents = contents_of(path, FileType.EML, tmp_path, Limits())
    plan, tool = contents.attached
    assert (contents.date, contents.notes) == ("2026-03-01", [])
    assert (plan.name, plan.path and plan.path.read_bytes()) == ("plan.pdf", PDF)
    assert (tool.name, tool.path) == ("tool.exe", None)


def test_a_mail_that_is_read_for_ever_costs_what_is_attached_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text("From: a@b.c\nTo: d@e.f\nSubject: x\n" + "Content-Type: message/rfc822\n\n" * 5_000)
    start = time.perf_counter()
    contents = contents_of(path, FileType.EML, tmp_path, replace(Limits(), seconds_per_page=3))
    assert contents.notes == [UNTOLD]
    assert time.perf_counter() - start < 20


def test_what_is_in_one_piece_is_not_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The lamp is behind the door.")
    contents = contents_of(path, FileType.TEXT, tmp_path, replace(Limits(), seconds_per_page=0.001))
    assert (contents.date, [*contents.attached], [*contents.notes]) == ("", [], [])


@pytest.mark.parametrize(
    "part",
    [
        '<row r="1"><c r="A1" t="inlineStr"><is><t>lamp',  # cut off
        "<row><c></row>",
        "\x01",
        "&lamp;",
    ],
)
def test_a_sheet_that_is_not_well_formed_is_damaged(tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.xlsx"
    content = made_files.xlsx([["lamp"]])
    path.write_bytes(content)
    assert not is_damaged(path)
    path.write_bytes(
        made_files.zipped({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": f"<worksheet>{part}"})
    )
    assert is_damaged(path)
    assert contents_of(path, FileType.XLSX, tmp_path, Limits()).notes == [MENDED]


def test_a_part_whose_bytes_are_others_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    content = bytearray(made_files.docx("The lamp is lit"))
    at = content.index(b"lamp")
    content[at : at + 4] = b"limp"
    path.write_bytes(content)
    assert is_damaged(path)


def test_files_that_are_no_archives_are_not_damaged(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("From: a")
    assert not is_damaged(tmp_path / "a")
