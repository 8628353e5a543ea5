"""Makes small office and web files, each with one sentence."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

from pagelight.ingest.office.converter import soffice

_ODF = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
_TEXT = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
_DRAW = (
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(sentence: str) -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
        'Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    body = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        f"<w:t>{sentence}</w:t></w:r></w:p></w:body></w:document>"
    )
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations, "word/document.xml": body})


def odt(sentence: str, more: str = "") -> bytes:
    """more: further elements of the text."""
    return _open_document("text", f"<office:text><text:p>{sentence}</text:p>{more}</office:text>")


def odp(sentence: str) -> bytes:
    return _open_document(
        "presentation",
        '<office:presentation><draw:page draw:name="p"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="20cm" '
        f'svg:height="3cm"><draw:text-box><text:p>{sentence}</text:p></draw:text-box></draw:frame></draw:page>'
        "</office:presentation>",
    )


def _open_document(kind: str, body: str) -> bytes:
    mime = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    content = (
        f'<office:document-content office:version="1.2" {_ODF}{_TEXT}{_DRAW}><office:body>{body}</office:body>'
        "</office:document-content>"
    )
    return zipped({"mimetype": mime, "META-INF/manifest.xml": manifest, "content.xml": content})


def rtf(sentence: str) -> bytes:
    return rb"{\rtf1\ansi " + sentence.encode() + b"}"


def html(sentence: str) -> bytes:
    return f"<!DOCTYPE html>\n<html><body><p>{sentence}</p></body></html>".encode()


def markdown(sentence: str) -> bytes:
    return f"# Rules\n\n{sentence}\n\n- one\n- two\n".encode()


def mail(sentence: str, attached: Mapping[str, bytes] | None = None) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Rules"
    message.set_content(sentence)
    for name, content in ({"rules.pdf": b"%PDF-1.4"} if attached is None else attached).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def epub(sentence: str) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="first.xhtml"/>'
        '<item id="b" href="second.xhtml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine>'
        "</package>"
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": package,
            "OEBPS/first.xhtml": "<html><body><p>The end.</p></body></html>",
            "OEBPS/second.xhtml": f"<html><body><p>{sentence}</p></body></html>",
        }
    )


def by_libreoffice(folder: Path, sentence: str, suffix: str) -> bytes:
    """A file of a type that LibreOffice writes itself."""
    if suffix in ("pptx", "ppt"):
        source = folder / "made.odp"
        source.write_bytes(odp(sentence))
    elif suffix == "doc":
        source = folder / "made.odt"
        source.write_bytes(odt(sentence))
    else:
        source = folder / "made.csv"
        source.write_text(f"{sentence}\n1\n")
    return saved_as(source, suffix)


def saved_as(source: Path, suffix: str) -> bytes:
    """The file as LibreOffice saves it in another type."""
    folder = source.parent
    subprocess.run(
        [
            str(soffice()),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--convert-to", suffix, "--outdir", str(folder), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return source.with_suffix(f".{suffix}").read_bytes()


MADE: Mapping[str, Callable[[str], bytes]] = {
    "docx": docx,
    "odt": odt,
    "odp": odp,
    "rtf": rtf,
    "html": html,
    "txt": markdown,
    "eml": mail,
    "epub": epub,
}


def xlsx(rows: Sequence[Sequence[str | int]], columns: str = "") -> bytes:
    """A workbook of one sheet. columns: their XML"""
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    written = ""
    for number, row in enumerate(rows, 1):
        cells = (
            f'<c r="{"ABCDEFGH"[column]}{number}"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{"ABCDEFGH"[column]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in enumerate(row)
        )
        written += f'<row r="{number}">{"".join(cells)}</row>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="a" '
            f'Type="{office}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}/relationships"><sheets>'
            '<sheet name="Log" sheetId="1" r:id="a"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="a" Type="{office}/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="b" Type="{office}/relationships/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f"<styleSheet {main}><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
            '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": f"<worksheet {main}>{columns}<sheetData>{written}</sheetData></worksheet>",
        }
    )
