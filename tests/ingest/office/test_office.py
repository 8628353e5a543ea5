"""Office and web files: told by their content, converted without network, macros or other people's files."""

from __future__ import annotations

import http.server
import io
import shutil
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from pagelight.ingest.document import Document
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.office import converter
from pagelight.ingest.office.converter import check_document, convert, soffice
from pagelight.ingest.office.web_page import plain_page
from pagelight.ingest.page_images import PageImages
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import type_of
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument
from tests.ingest.office.made_files import MADE, by_libreoffice, mail, odt, zipped
from tests.ingest.rendered_pages import pages_of

SENTENCE = "The lighthouse keeper pays mooring tax"
needs_libreoffice = pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")


def _words(path: Path, folder: Path) -> str:
    file_type = type_of(path)
    assert file_type is not None
    convert(path, folder / "made.pdf", file_type, Limits())
    return " ".join(text for page in pages_of(folder / "made.pdf", 60) for text in page.words.texts)


@pytest.mark.parametrize("suffix", MADE)
def test_the_content_says_which_type_it_is(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(MADE[suffix](SENTENCE))
    assert type_of(path) is FileType(suffix)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", zipped({"a.txt": "a"}), b"\0\1\2", b""])
def test_other_files_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert type_of(tmp_path / "a") is None


def test_the_name_of_a_stream_in_a_text_makes_no_old_office_file(tmp_path: Path) -> None:
    content = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument".encode("utf-16-le") + bytes(600)
    )
    (tmp_path / "a").write_bytes(content)
    assert type_of(tmp_path / "a") is None


def test_without_libreoffice_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.docx").write_bytes(MADE["docx"](SENTENCE))
    with pytest.raises(UnreadableDocument, match=r"docx.*apt install libreoffice-writer") as caught:
        check_document(tmp_path / "a.docx", Limits())
    assert "\n" not in str(caught.value)


def test_text_is_a_document_where_its_name_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    with pytest.raises(UnreadableDocument, match="plain text"):
        check_document(tmp_path / "a", Limits(), name="a.py")


def test_web_pages_are_cleaned_of_all_that_is_fetched_or_run() -> None:
    page = plain_page(
        "<style>p{background:url(http://a/b)}</style><p style='x' onclick='y'>a<img src=http://a/b.png>"
        "<img src='data:image/png;base64,aGk='><iframe src=file:///etc/passwd>x</iframe><b>c</p>&lt;script&gt;"
    )
    assert page == '<p>a<img src="data:image/png;base64,aGk="><b>c</b></p>&lt;script&gt;'


@needs_libreoffice
@pytest.mark.parametrize("suffix", [*MADE, "xlsx", "ods", "pptx", "doc", "xls", "ppt"])
def test_every_type_is_read(tmp_path: Path, suffix: str) -> None:
    made = MADE[suffix](SENTENCE) if suffix in MADE else by_libreoffice(tmp_path, SENTENCE, suffix)
    path = tmp_path / "upload"
    path.write_bytes(made)
    assert type_of(path) is FileType(suffix)
    assert SENTENCE in _words(path, tmp_path)


@needs_libreoffice
def test_a_mail_says_who_wrote_it_and_what_is_attached(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(SENTENCE))
    words = _words(tmp_path / "a.eml", tmp_path)
    assert "a@example.org" in words
    assert "rules.pdf" in words


@needs_libreoffice
def test_a_document_is_indexed_shown_kept_and_deleted(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    content = MADE["docx"](SENTENCE)
    (tmp_path / "rules.docx").write_bytes(content)
    job = jobs.submit([(tmp_path / "rules.docx", "rules.docx")])
    assert jobs.wait(job, 120)
    (document,) = library.documents()
    assert (document.state, document.pages, document.type) == ("indexed", 1, FileType.DOCX)
    assert library.file(document.document_id).read_bytes() == content
    shutil.rmtree(library.folder / "converted")  # it is made again when it is wanted
    images = PageImages(library)
    assert images.webp(document.document_id, 1, 160)[:4] == b"RIFF"
    images.close()
    jobs._pipeline.remove(document.document_id)
    assert list((library.folder / "converted").iterdir()) == []


@needs_libreoffice
def test_a_damaged_file_fails_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(zipped({"word/document.xml": "no"}))
    with pytest.raises(UnreadableDocument, match="cannot read"):
        convert(tmp_path / "a.docx", tmp_path / "a.pdf", FileType.DOCX, Limits())
    assert [path.name for path in tmp_path.iterdir()] == ["a.docx"]


@needs_libreoffice
def test_a_folder_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder is `library` unless somebody says otherwise."""
    (tmp_path / "a.odt").write_bytes(odt(SENTENCE))
    monkeypatch.chdir(tmp_path)
    convert(Path("a.odt"), Path("library/a.pdf"), FileType.ODT, Limits())
    assert (tmp_path / "library" / "a.pdf").read_bytes().startswith(b"%PDF")


@needs_libreoffice
def test_a_conversion_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "a.odt").write_bytes(odt(SENTENCE))
    with pytest.raises(DocumentTooLarge, match="longer than"):
        convert(tmp_path / "a.odt", tmp_path / "a.pdf", FileType.ODT, Limits(seconds_per_page=0.05))


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converter, "soffice", lambda: "soffice")
    (tmp_path / "a.odt").write_bytes(odt(SENTENCE))
    with pytest.raises(DocumentTooLarge, match="unpacked"):
        convert(tmp_path / "a.odt", tmp_path / "a.pdf", FileType.ODT, Limits(max_bytes=100))


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


@needs_libreoffice
@pytest.mark.parametrize("namespace", [True, False])
def test_nothing_is_fetched_and_no_other_file_is_read(
    tmp_path: Path, asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, namespace: bool
) -> None:
    if not namespace:
        monkeypatch.setattr(converter, "_without_network", tuple)
    address, paths = asked
    secret, picture = tmp_path / "secret.txt", tmp_path / "secret.png"
    secret.write_text("Confidential")
    Image.new("RGB", (300, 300), "red").save(picture)
    frames = "".join(
        f'<text:p><draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="{href}" '
        'xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p>'
        for href in (f"{address}/a.png", picture.as_uri())
    )
    section = (
        f'<text:section text:name="s"><text:section-source xlink:href="{secret.as_uri()}" xlink:type="simple"/>'
        "<text:p>old</text:p></text:section>"
    )
    (tmp_path / "a.odt").write_bytes(odt(SENTENCE, frames + section))
    convert(tmp_path / "a.odt", tmp_path / "a.pdf", FileType.ODT, Limits())
    page, *_ = pages_of(tmp_path / "a.pdf", 60)
    assert "lighthouse" in page.words.texts
    assert "Confidential" not in page.words.texts
    assert not any(pixel == (255, 0, 0) for _, pixel in page.image.getcolors(1 << 24))  # type: ignore[misc, union-attr]
    assert paths == []


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((300, 400)).save(buffer, "PNG")
    return buffer.getvalue()


def _print(sentence: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    canvas.drawString(72, 700, sentence)
    canvas.save()
    return buffer.getvalue()


def _added(library: Library, jobs: Jobs, folder: Path, name: str, content: bytes) -> dict[str, Document]:
    """Index a file; the documents by name."""
    (folder / name).write_bytes(content)
    assert jobs.wait(jobs.submit([(folder / name, name)]), 120)
    return {document.name: document for document in library.documents()}


@needs_libreoffice
def test_files_attached_to_a_mail_are_documents_that_go_with_it(
    library: Library, jobs: Jobs, tmp_path: Path
) -> None:
    inner = mail("The ferry is late", {"tariff.pdf": _print("tariff")})
    attached = {
        "rules.pdf": _print("rules"),
        "quay.png": _picture(),
        "data.bin": b"\0\1\2",
        "late.eml": inner,
    }
    found = _added(library, jobs, tmp_path, "a.eml", mail(SENTENCE, attached))
    assert set(found) == {
        "a.eml",
        "a.eml › rules.pdf",
        "a.eml › quay.png",
        "a.eml › late.eml",
        "a.eml › late.eml › tariff.pdf",
    }
    assert {document.state for document in found.values()} == {"indexed"}
    assert found["a.eml › quay.png"].parent == found["a.eml"].document_id
    assert "1 attached file is not searched (data.bin)" in found["a.eml"].reason
    jobs._pipeline.remove(found["a.eml"].document_id)
    assert library.documents() == []


@needs_libreoffice
def test_a_mail_that_is_attached_as_such_is_a_document(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    outer, inner = EmailMessage(), EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "c@example.org", "d@example.org", "Moorings"
    inner.set_content("The buoy is red")
    outer["From"], outer["To"], outer["Subject"] = "a@example.org", "b@example.org", "Forward"
    outer.set_content(SENTENCE)
    outer.add_attachment(inner)
    assert set(_added(library, jobs, tmp_path, "a.eml", outer.as_bytes())) == {
        "a.eml",
        "a.eml › Moorings.eml",
    }


@needs_libreoffice
def test_a_picture_in_the_text_of_a_mail_is_no_document(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Rules"
    message.set_content(SENTENCE)
    message.add_alternative('<p>Quay</p><img src="cid:logo@a">', subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    html.add_related(_picture(), "image", "png", cid="<logo@a>")  # type: ignore[union-attr]
    message.add_attachment(_print("rules"), maintype="application", subtype="pdf", filename="rules.pdf")
    assert set(_added(library, jobs, tmp_path, "a.eml", message.as_bytes())) == {"a.eml", "a.eml › rules.pdf"}


@needs_libreoffice
def test_office_files_and_pictures_in_a_portfolio_are_documents(
    library: Library, jobs: Jobs, tmp_path: Path
) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_print("portfolio"))))
    attached = {
        "rules.docx": MADE["docx"](SENTENCE),
        "quay.png": _picture(),
        "factur-x.xml": b"<?xml version='1.0'?><a/>",
    }
    for name, content in attached.items():
        writer.add_attachment(name, content)
    buffer = io.BytesIO()
    writer.write(buffer)
    found = _added(library, jobs, tmp_path, "a.pdf", buffer.getvalue())
    assert set(found) == {"a.pdf", "a.pdf › rules.docx", "a.pdf › quay.png"}
    assert found["a.pdf › rules.docx"].pages_indexed == 1
    assert "factur-x.xml" in found["a.pdf"].reason
