"""Outlook's messages."""

from __future__ import annotations

import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

from pagelight.ingest.office.converter import check_document, soffice
from pagelight.ingest.office.mail import document_date, mail_attachments, mail_page
from pagelight.ingest.render.compound_file import read_compound_file
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import type_of
from tests.cases import CASES
from tests.ingest.office.compound import compound_file, outlook_message

SENT = datetime.datetime(2024, 3, 5, 9, 30, tzinfo=datetime.UTC)
TEXTS = {
    0x0037: "Schutzdeich: Größe",
    0x0C1A: "Müller, Ada",
    0x5D01: "ada@example.org",
    0x0E04: "Hafenmeister; O'Neil",
    0x1000: "The sluice keeper resigned.\r\nYesterday.",
}
PDF = (CASES / "10-spaced-letters.pdf").read_bytes()


@pytest.mark.parametrize("code_page", [0, 1252, 1250])
def test_a_message_says_who_wrote_what_and_when(tmp_path: Path, code_page: int) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(compound_file(outlook_message(TEXTS, {"plan.pdf": PDF}, SENT, code_page)))
    assert type_of(path) is FileType.EML
    page = mail_page(path.read_bytes())
    for words in (
        "Schutzdeich: Größe",
        "Müller, Ada &lt;ada@example.org&gt;",
        "Hafenmeister; O&#x27;Neil",
        "The sluice keeper resigned.<br>Yesterday.",
        "Attached:</b> plan.pdf",
    ):
        assert words in page
    assert document_date(path, FileType.EML) == "2024-03-05"


def test_its_page_of_html_is_read_and_its_files_are_documents(tmp_path: Path) -> None:
    inner = outlook_message(TEXTS | {0x0037: "Older", 0x1000: "An older message"}, is_inner=True)
    tree = dict(outlook_message(TEXTS, {"plan.pdf": PDF, "Older": inner, "table.bin": b"\0\1"}))
    tree["__substg1.0_10130102"] = '<meta charset="koi8-r"><p>Начальник порта</p>'.encode("koi8-r")
    content = compound_file(tree)
    assert "Начальник порта" in mail_page(content)
    found = {file.name: file.path for file in mail_attachments(content, tmp_path, Limits())}
    assert found["plan.pdf"]
    assert found["plan.pdf"].read_bytes() == PDF
    assert found["table.bin"] is None
    assert found["Older.eml"]
    older = BytesParser(EmailMessage, policy=default).parsebytes(found["Older.eml"].read_bytes())
    assert "An older message" in str(older.get_content())


@pytest.mark.skipif(soffice() is None, reason="no LibreOffice")
def test_an_attached_old_office_file_does_not_make_it_one(tmp_path: Path) -> None:
    sheet = compound_file({"Workbook": b"x" * 5000})
    (tmp_path / "a.msg").write_bytes(compound_file(outlook_message(TEXTS, {"a.xls": sheet})))
    (tmp_path / "a.xls").write_bytes(compound_file({"WORKBOOK": b"x" * 5000}))
    assert check_document(tmp_path / "a.msg", Limits()) is FileType.EML
    assert check_document(tmp_path / "a.xls", Limits()) is FileType.XLS


def test_what_is_damaged_is_read_as_far_as_it_goes() -> None:
    content = compound_file(outlook_message(TEXTS, {"plan.pdf": PDF}))
    for length in (8, 100, 520, 3000, len(content) - 600):
        mail_page(content[:length])
    for place in range(0, len(content), 97):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        mail_page(bytes(damaged))
    with pytest.raises(ValueError, match="damaged"):
        read_compound_file(content[:20])
