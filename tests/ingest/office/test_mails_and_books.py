"""Saved web pages, mailboxes and e-books with parts that are odd."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pagelight.ingest.office.book import book_page
from pagelight.ingest.office.mail import mail_attachments, mail_page
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import type_of
from pagelight.retrieval.errors import UnreadableDocument
from tests.ingest.office import made_files

SAVED = """From: <Saved by a browser>\r
Subject: Quay\r
MIME-Version: 1.0\r
Content-Type: multipart/related; type="text/html"; boundary="edge"\r
\r
--edge\r
Content-Type: text/html\r
Content-Transfer-Encoding: quoted-printable\r
Content-Location: https://example.org/\r
\r
<p>caf=C3=A9</p><p class=3D"ghost">ghost</p><img src=3D"https://example.org/a.png">\r
--edge\r
Content-Type: text/css\r
Content-Location: https://example.org/a.css\r
\r
.ghost { display: none }\r
--edge\r
Content-Type: image/png\r
Content-Transfer-Encoding: base64\r
Content-Location: https://example.org/a.png\r
\r
iVBORw0KGgo=\r
--edge--\r
"""
CHAPTER = "<html><body><p>{}</p></body></html>"


def test_a_saved_web_page_has_its_letters_its_style_and_its_pictures(tmp_path: Path) -> None:
    page = mail_page(SAVED.encode())
    assert "café" in page
    assert "ghost" not in page
    assert "data:image/png;base64,iVBORw0KGgo=" in page
    assert not [*mail_attachments(SAVED.encode(), tmp_path, Limits())]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_mail_that_tells_nothing_of_its_letters_is_read(encoding: str) -> None:
    assert "Gebühr" in mail_page("From: a@b.c\nTo: d@e.f\nSubject: Quay\n\nGebühr\n".encode(encoding))


def test_all_messages_of_a_mailbox_are_read(tmp_path: Path) -> None:
    mails = [made_files.mail(word, {"fee.pdf": b"%PDF-1.7"}) for word in ("harbour", "lamp")]
    box = b"".join(b"From a@b.c Tue Dec  1 04:00:00 2026\n" + mail + b"\n" for mail in mails)
    page = mail_page(box)
    assert "harbour" in page
    assert "lamp" in page
    one = [file.name for file in mail_attachments(mails[0], tmp_path, Limits())]
    assert one == ["fee.pdf"]
    assert [file.name for file in mail_attachments(box, tmp_path, Limits())] == one * 2
    assert "From a@b.c" not in page


def book(path: Path, spine: str, files: dict[str, str | bytes], manifest: dict[str, str]) -> Path:
    items = "".join(
        f'<item id="{key}" href="{place}" media-type="application/xhtml+xml"/>'
        for key, place in manifest.items()
    )
    refs = "".join(f'<itemref idref="{key}"/>' for key in spine.split())
    parts: dict[str, str | bytes] = {
        "META-INF/container.xml": '<container xmlns="urn:x"><rootfile full-path="O/p.opf"/></container>',
        "O/p.opf": f'<package xmlns="urn:y"><manifest>{items}</manifest><spine>{refs}</spine></package>',
        **files,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("spine", "manifest"),
    [
        ("a", {"a": "a.xhtml#top"}),
        ("a", {"a": "A.XHTML"}),
        ("gone a nowhere", {"a": "a.xhtml", "gone": "gone.xhtml"}),
        ("", {"a": "a.xhtml"}),
        ("a a", {"a": "a.xhtml"}),
    ],
)
def test_an_odd_chapter_costs_itself_alone(tmp_path: Path, spine: str, manifest: dict[str, str]) -> None:
    path = book(tmp_path / "a.epub", spine, {"O/a.xhtml": CHAPTER.format("harbour")}, manifest)
    assert type_of(path) is FileType.EPUB
    assert book_page(path, 10**6).count("harbour") == 1


def test_a_page_that_is_a_picture_in_a_drawing_is_there(tmp_path: Path) -> None:
    drawing = '<svg xmlns:xlink="x" viewBox="0 0 9 9"><image width="9" xlink:href="../i/a%20b.png"/></svg>'
    files: dict[str, str | bytes] = {"O/t/a.xhtml": CHAPTER.format(drawing), "O/i/a b.png": b"\x89PNG"}
    page = book_page(book(tmp_path / "a.epub", "a", files, {"a": "t/a.xhtml"}), 10**6)
    assert '<img width="9" src="data:image/png;base64,iVBORw==">' in page


def test_a_book_of_which_nothing_can_be_read_says_why(tmp_path: Path) -> None:
    sealed = '<encryption xmlns="urn:z"><CipherReference URI="O/a.xhtml"/></encryption>'
    files: dict[str, str | bytes] = {"O/a.xhtml": bytes(range(256)), "META-INF/encryption.xml": sealed}
    with pytest.raises(UnreadableDocument, match="protected"):
        book_page(book(tmp_path / "a.epub", "a", files, {"a": "a.xhtml"}), 10**6)
    with pytest.raises(UnreadableDocument, match="none of its chapters"):
        book_page(book(tmp_path / "b.epub", "a", {}, {"a": "a.xhtml"}), 10**6)
