"""Web pages and text files in any encoding, what of a web page is shown, and what of a text is a comment."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import pytest

from pagelight.app.folders import folder_content
from pagelight.ingest.office.book import book_page
from pagelight.ingest.office.converter import check_document, convert, soffice
from pagelight.ingest.office.mail import mail_page
from pagelight.ingest.office.web_page import plain_page
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.text_encoding import decoded
from pagelight.retrieval.errors import UnreadableDocument
from tests.cases import CASES
from tests.ingest.office import made_files
from tests.ingest.rendered_pages import pages_of

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
needs_libreoffice = pytest.mark.skipif(soffice() is None, reason="no LibreOffice")


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("windows-1251", '<meta charset="windows-1251">'),
        ("koi8-r", "<meta charset=koi8-r>"),
        ("utf-16", ""),
        ("utf-32", ""),
        ("utf-8-sig", ""),
        ("utf-8", ""),
        ("iso8859-5", '<?xml version="1.0" encoding="ISO-8859-5"?>'),
        ("koi8-r", '<meta http-equiv="Content-Type" content="text/html; charset=KOI8-R">'),
    ],
)
def test_a_page_is_read_as_it_says_that_it_is_written(encoding: str, head: str) -> None:
    assert "Начальник порта" in decoded(f"<html>{head}<p>Начальник порта</html>".encode(encoding))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("港湾の管理者は船の記録を付ける。", "shift_jis"),
        ("港口管理员保存所有船只的登记册", "gb18030"),
        ("항만 관리자는 선박", "euc_kr"),
        ("Начальник порта ведёт журнал всех судов", "cp1251"),
        ("Το λιμάνι και ο φύλακας", "cp1253"),
        ("L’été à la plage, déjà vu: 12 €", "cp1252"),
        ("harbour master and lamp", "utf-16-le"),
        ("harbour master and lamp", "utf-16-be"),
    ],
)
def test_a_text_that_says_nothing_of_its_encoding_is_guessed(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize("declared", [b"nonsense", b"hex", b"utf-16"])
def test_an_encoding_that_cannot_be_is_passed_over(declared: bytes) -> None:
    assert "harbour" in decoded(b"<meta charset=%s><p>harbour" % declared)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p style='display: none'>ghost</p><p>harbour</p>", "<p>harbour</p>"),
        ("<p hidden>ghost<p>harbour", "<p>harbour</p>"),
        ("<ul><li hidden>ghost</ul>harbour", "<ul></ul>harbour"),
        ("<div hidden><div>ghost</div>ghost</div>harbour", "harbour"),
        ("<span style='visibility:hidden'>ghost</span>harbour", "harbour"),
        ("<img hidden>harbour", "<img>harbour"),
        ("<input type=hidden value=ghost>harbour", "harbour"),
        ("<input type=password value=ghost>harbour", "harbour"),
        ("<input value=harbour>", " harbour "),
        ("<textarea>har</textarea><option>bour</option>", "<div>har</div><div>bour</div>"),
        ("<section><header>har</header>bour</section>", "<div><div>har</div>bour</div>"),
        ("<script>ghost</script><!-- ghost -->harbour", "harbour"),
        ("<style>.a, p#b {display: none}</style><i class='c a'>ghost</i><p id=b>ghost</p>harbour", "harbour"),
        ("<style>.a {display: none} .a {color: red}</style><i class=a>ghost</i>harbour", "harbour"),
        ("<style>.a {display: none} .a {display: block}</style><i class=a>harbour</i>", "<i>harbour</i>"),
        (
            "<style>@media print {.a {display: none}} .b i {display: none}</style><i class=a>bour</i>",
            "<i>bour</i>",
        ),
        ("<style>body {visibility: hidden}</style><body>harbour</body>", "harbour"),
        (
            "<style>.a {position: absolute; clip: rect(0, 0, 0, 0)}</style><i class=a>ghost</i>harbour",
            "harbour",
        ),
        ("<style>.a {clip: rect(1px 1px 1px 1px)}</style><i class=a>ghost</i>harbour", "harbour"),
        ("<style>.a {clip-path: inset(50%)}</style><i class=a>ghost</i>harbour", "harbour"),
        (
            "<p style='position:absolute; left: -9999px'>ghost</p><p style='mso-hide:all'>ghost</p>harbour",
            "harbour",
        ),
        ("<h1 style='text-indent:-999em'>ghost</h1>harbour", "harbour"),
        (
            "<svg><title>ghost</title><defs><text>ghost</text></defs><path d='M0 0'/><text x=1>har<tspan>bour</tspan></text></svg>",
            "<div>harbour</div>",
        ),
        (
            "<svg style='display:none'><text>ghost</text></svg><svg><image xlink:href='a.png'/></svg>harbour",
            "harbour",
        ),
        ("<p style='margin-left: -1000px; clip: auto; left: -20px'>harbour</p>", "<p>harbour</p>"),
    ],
)
def test_what_a_web_page_shows_is_what_is_read(html: str, shown: str) -> None:
    assert plain_page(html).replace("<img>", "") == shown.replace("<img>", "")


@needs_libreoffice
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\ufeff<html><body>harbour".encode("utf-16-le"), FileType.HTML),
        (b"<p>harbour <b>dues</b></p>", FileType.HTML),
        (b"\xef\xbb\xbf" + made_files.mail("harbour", {}), FileType.EML),
        ("harbour dues".encode("utf-16"), FileType.TEXT),
        ("harbour dues".encode("utf-32"), FileType.TEXT),
        (
            b"<?xml version='1.0'?><office:document office:mimetype='application/vnd.oasis.opendocument.text'>",
            FileType.ODT,
        ),
        (made_files.zipped({"mimetype": "application/vnd.oasis.opendocument.text-template"}), FileType.ODT),
        (made_files.zipped({"xl/workbook.bin": "x"}), FileType.XLSX),
    ],
)
def test_files_are_told_in_any_encoding_and_as_templates(
    tmp_path: Path, content: bytes, expected: FileType
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert check_document(path, Limits()) is expected


@needs_libreoffice
def test_a_folder_gives_files_with_other_names_of_their_types_and_with_wrong_ones(tmp_path: Path) -> None:
    pdf = (CASES / "10-spaced-letters.pdf").read_bytes()
    given = {
        "macro.docm": made_files.docx("harbour"),
        "saved.mht": made_files.mail("harbour", {}),
        "page.xhtml": made_files.html("harbour"),
        "noextension": made_files.docx("harbour"),
        "wrong.docx": pdf,
        "wrong.txt": pdf,
        "picture.doc": (CASES / "02-px1x1.png").read_bytes(),
        "table.csv": b"name;dues\nharbour;12\n",
        "name with spaces, \U0001f6a2 and\na line.pdf": pdf,
    }
    left_out = {
        "dummy.docx": b"\0\1\2" * 9,
        "README": b"harbour",
        "archive.zip": made_files.zipped({"a": "b"}),
    }
    for name, content in {**given, **left_out}.items():
        (tmp_path / name).write_bytes(content)
    content = folder_content(tmp_path)
    assert {path.name for path in content.documents} == set(given)
    assert {path.name for path in content.other_types} == set(left_out)


def test_mails_and_books_in_other_encodings(tmp_path: Path) -> None:
    mail = "From: a@b.c\r\nTo: d@e.f\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nНачальник ведёт журнал: Порт"
    assert "Порт" in mail_page(mail.encode("koi8-r"))
    assert "Порт" in mail_page(mail.replace("koi8-r", "nonsense").encode("cp1251"))
    path = tmp_path / "book.epub"
    path.write_bytes(made_files.epub("harbour"))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["OEBPS/second.xhtml"] = (
        '<?xml version="1.0" encoding="utf-16"?><html><body>Порт</body></html>'.encode("utf-16")
    )
    path.write_bytes(made_files.zipped(parts))
    assert "Порт" in book_page(path, 10**6)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", made_files.zipped({"rules.pdf": PDF, "word/document.xml": ""})),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + PDF),
        ("a.rtf", b"{\\rtf1 {\\object\n" + PDF + b"}"),
        ("a.html", b"<html><body><pre>\n" + PDF + b"</pre>"),
        ("a.md", b"# How a PDF begins\n\n```\n" + PDF + b"```\n"),
    ],
)
def test_a_file_that_holds_or_quotes_a_pdf_is_none(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with contextlib.suppress(UnreadableDocument):  # there is no table in the .xls
        found = check_document(tmp_path / name, Limits(), name=name)
        assert found is not FileType.PDF


@needs_libreoffice
def test_comments_are_read(tmp_path: Path) -> None:
    comment = "<office:annotation><text:p>The crane is rusty</text:p></office:annotation>"
    path = tmp_path / "a.odt"
    path.write_bytes(made_files.odt("The north quay", f"<text:p>Repairs{comment}</text:p>"))
    convert(path, tmp_path / "made.pdf", FileType.ODT, Limits())
    (page,) = pages_of(tmp_path / "made.pdf", 60)
    assert "The crane is rusty" in " ".join(page.words.texts)
