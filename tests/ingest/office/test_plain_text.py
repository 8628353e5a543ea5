"""Plain text, which is read and shown as it stands; only what is named so is Markdown."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pagelight.ingest.office.converter import check_document, convert, soffice
from pagelight.ingest.office.mail import mail_page
from pagelight.ingest.office.plain_text import text_page
from pagelight.ingest.office.web_page import document_of
from pagelight.ingest.render.file_type import HEAD_BYTES, FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import type_of
from pagelight.ingest.render.strangers import what_it_is
from tests.ingest.rendered_pages import pages_of

needs_libreoffice = pytest.mark.skipif(soffice() is None, reason="no LibreOffice")
TEXT = """# berth <!-- free --> [north](quay.example/a_b)
    * __init__ *rope* `tar`
\tlamp
1. oil
---
```
> hull
![keel](mast.png)
"""


@needs_libreoffice
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", FileType.TEXT),
        ("a.LOG", FileType.TEXT),
        ("a.text", FileType.TEXT),
        ("a.md", FileType.MARKDOWN),
        ("a.Markdown", FileType.MARKDOWN),
        (None, FileType.TEXT),
    ],
)
def test_only_its_name_makes_a_text_markdown(tmp_path: Path, name: str | None, expected: FileType) -> None:
    path = tmp_path / "a"
    path.write_text(TEXT)
    assert check_document(path, Limits(), name=name) is expected


def test_a_text_keeps_all_of_its_signs_and_spaces() -> None:
    text = TEXT.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").expandtabs(8)
    assert text_page(TEXT) == f"<pre>{text.rstrip(chr(10))}</pre>"


@needs_libreoffice
def test_every_sign_is_found_and_a_form_feed_begins_a_page(tmp_path: Path) -> None:
    path, made = tmp_path / "a.txt", tmp_path / "a.pdf"
    path.write_text(f"{TEXT}ke\0el \x07mast\n\f    sail\n\f")
    convert(path, made, FileType.TEXT, Limits())
    first, second = pages_of(made, 50)
    assert list(first.words.texts) == [*TEXT.split(), "keel", "mast"]
    assert list(second.words.texts) == ["sail"]
    left = dict(zip(first.words.texts, first.words.boxes[:, 0], strict=True))
    assert left["#"] + 0.02 < left["*"] < left["lamp"] - 0.02


def test_controls_end_no_page() -> None:
    assert "lamp" in document_of(mail_page(b"From: a@b.c\r\nTo: d@e.f\r\nSubject: x\r\n\r\nla\0m\x1ap"))


@pytest.mark.parametrize("comment", [b"<!---->", b"<!-- free -->\n"])
def test_what_begins_with_many_comments_is_told_at_once(tmp_path: Path, comment: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(comment * 9_000)
    start = time.perf_counter()
    assert type_of(path) is FileType.TEXT
    assert what_it_is(path, path.read_bytes()[:HEAD_BYTES]) == ""
    assert time.perf_counter() - start < 5
