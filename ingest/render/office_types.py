"""Types of office and web files, told by their content; only what LibreOffice can read."""

from __future__ import annotations

import mmap
import re
import zipfile
from pathlib import Path

from pagelight.ingest.render.compound_file import SIGNATURE, outermost_names
from pagelight.ingest.render.file_type import TEXT_FILES, FileType, looks_like_text
from pagelight.ingest.render.strangers import is_apples
from pagelight.ingest.render.text_encoding import wide_encoding

#: names of files that are Markdown, and of plain text, tables without any format among it, which some programs name as Excel's
_MARKDOWN_SUFFIXES = (".md", ".markdown")
TEXT_SUFFIXES = (*_MARKDOWN_SUFFIXES, ".txt", ".text", ".csv", ".tsv", ".tab", ".log", ".xls")
#: bytes of a file that are looked at (limit)
_HEAD_BYTES = 4096
#: streams of the old Office formats, and of Outlook's messages (MS-DOC, MS-XLS, MS-PPT, MS-OXMSG)
_STREAMS = (
    ("WordDocument", FileType.DOC),
    ("Workbook", FileType.XLS),
    ("Book", FileType.XLS),
    ("PowerPoint Document", FileType.PPT),
    ("__properties_version1.0", FileType.EML),
)
#: an OpenDocument file in one piece names its type in its first element (OpenDocument 1.3, part 3, 3.1.2)
_FLAT = re.compile(rb"<office:document\b[^>]*?office:mimetype=[\"']([\w./-]+)", re.DOTALL)
_PARTS = (
    ("word/document.xml", FileType.DOCX),
    ("ppt/presentation.xml", FileType.PPTX),
    ("xl/workbook.xml", FileType.XLSX),
    ("xl/workbook.bin", FileType.XLSX),
    ("META-INF/container.xml", FileType.EPUB),
)
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": FileType.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileType.ODS,
    b"application/vnd.oasis.opendocument.presentation": FileType.ODP,
    b"application/vnd.sun.xml.writer": FileType.ODT,
    b"application/vnd.sun.xml.calc": FileType.ODS,
    b"application/vnd.sun.xml.impress": FileType.ODP,
    b"application/epub+zip": FileType.EPUB,
}
_WEB_PAGE = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--(?:(?!-->).)*-->\s*)*<(!doctype html|html|head|body|meta|link|title|main|article|section|div|p|table|h[1-6]|ul|ol)\b",
    re.IGNORECASE | re.DOTALL,
)
#: types by their first bytes: rich text; the first record of a sheet of Excel before it had files of several streams (MS-XLS,
#: 2.4.21: versions 2 to 5); XML of Office 2003, which programs that export tables for Excel write, too; web pages
_FORMS = (
    (re.compile(rb"\{\\rtf"), FileType.RTF),
    (
        re.compile(rb"\x09[\0\x02\x04\x08][\x04\x06\x08]\0.[\0\x02-\x05](\x10\0|\0\x01|\x05\0)", re.DOTALL),
        FileType.XLS,
    ),
    (
        re.compile(rb".*?<(\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL),
        FileType.XLS,
    ),
    (
        re.compile(rb".*?<(\w+:)?wordDocument\b[^>]*schemas.microsoft.com/office/word/2003/", re.DOTALL),
        FileType.DOC,
    ),
    (_WEB_PAGE, FileType.HTML),
)
_HEADER_LINE = re.compile(rb"[!-9;-~]+:")
_MAIL_HEADERS = frozenset(
    b"from to date subject message-id mime-version received return-path delivered-to".split()
)
#: files inside a ZIP that are looked at (limit)
_MOST_ENTRIES = 20_000
#: bytes of a mimetype file that are looked at (limit)
_MIMETYPE_BYTES = 100


def type_of(path: Path) -> FileType | None:
    """The type of an office or web file, or None."""
    try:
        if not path.is_file():  # a pipe or a device is not opened: it may never answer
            return None
        with path.open("rb") as stream:
            return office_type(path, stream.read(_HEAD_BYTES))
    except OSError:
        return None


def text_type(name: str) -> FileType | None:
    """Markdown or plain text where a name says so, which the content cannot say; None where it does not.

    >>> text_type("Quay.MD").value, text_type("quay.log").value, text_type("quay.py")
    ('md', 'txt', None)
    """
    if name.lower().endswith(_MARKDOWN_SUFFIXES):
        return FileType.MARKDOWN
    return FileType.TEXT if name.lower().endswith(TEXT_SUFFIXES) else None


def office_type(path: Path, head: bytes) -> FileType | None:
    """The type of a file that is neither a PDF nor a picture, from its first bytes and a ZIP's table of contents."""
    if head.startswith((b"PK\x03\x04", SIGNATURE)):
        return _of_zip(path) if head.startswith(b"PK") else _of_compound(path)
    head = _in_utf8(head)
    if flat := _FLAT.search(head):
        return _open_document(flat[1])
    for form, file_type in _FORMS:
        if form.match(head):
            return file_type
    if not head or not looks_like_text(head):
        return None
    return FileType.EML if _is_mail(head) else FileType.TEXT


def _of_zip(path: Path) -> FileType | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES:
                return None
            for part, file_type in _PARTS:
                if part in names:
                    return file_type
            if "mimetype" in names:
                with archive.open("mimetype") as stream:
                    return _open_document(stream.read(_MIMETYPE_BYTES).strip())
            if is_apples(names):
                return FileType.IWORK
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
        pass
    return None


def _open_document(mimetype: bytes) -> FileType | None:
    """The type that a file or a template names."""
    return _MIMETYPES.get(mimetype.removesuffix(b"-template").removesuffix(b".template"))


def _in_utf8(head: bytes) -> bytes:
    """The beginning of a text in UTF-8, without a mark, where it is in one of the wider encodings."""
    name = wide_encoding(head)
    return head.decode(name, "ignore").encode() if name else head


def _of_compound(path: Path) -> FileType | None:
    """The type of an old Office file or an Outlook message, by what it holds; protected ones hold other things."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        names = outermost_names(content)
    return next((file_type for name, file_type in _STREAMS if name.lower() in names), None)


def _is_mail(head: bytes) -> bool:
    """
    >>> _is_mail(b"From: a@b.c\\nTo: d@e.f\\nSubject: Quay\\n\\nDear"), _is_mail(b"Note: a\\nTo: all\\n")
    (True, False)
    """
    found = set()
    for line in head.lstrip().splitlines():
        if not line:
            break
        if line[:1] in b" \t" or line.startswith(b"From "):
            continue
        header = _HEADER_LINE.match(line)
        if not header:
            break
        found.add(header[0][:-1].lower())
    return len(found & _MAIL_HEADERS) >= TEXT_FILES.least_headers
