"""Which office or web file it is, told by its content; what LibreOffice cannot read is not among them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from pagelight.ingest.office.converter import HOW_TO_GET_IT, soffice
from pagelight.ingest.render.file_type import FileType, check_file
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import UnreadableDocument

#: names of files that are Markdown or plain text
TEXT_SUFFIXES = (".md", ".markdown", ".txt")
#: names of all files that are converted
OFFICE_SUFFIXES = frozenset(
    {f".{one.value}" for one in FileType if one.is_converted} | {".htm", *TEXT_SUFFIXES}
)
_HEAD_BYTES = 4096

_PARTS = (
    ("word/document.xml", FileType.DOCX),
    ("ppt/presentation.xml", FileType.PPTX),
    ("xl/workbook.xml", FileType.XLSX),
)
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": FileType.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileType.ODS,
    b"application/vnd.oasis.opendocument.presentation": FileType.ODP,
    b"application/epub+zip": FileType.EPUB,
}
_WEB_PAGE = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_HEADER_LINE = re.compile(rb"[!-9;-~]+:")
_MAIL_HEADERS = frozenset(
    (
        b"from",
        b"to",
        b"date",
        b"subject",
        b"message-id",
        b"mime-version",
        b"received",
        b"return-path",
        b"delivered-to",
    )
)
#: headers of a mail that have to be there
_LEAST_HEADERS = 3
#: share of bytes that text is made of
_TEXT_SHARE = 0.97
_TEXT = frozenset((*range(32, 127), *range(128, 256), 9, 10, 12, 13))
#: files inside a ZIP, and bytes of a mimetype file, that are looked at
_MOST_ENTRIES = 20_000
_MIMETYPE_BYTES = 100


def check_document(path: Path, limits: Limits, *, plain_text: bool = True) -> FileType:
    """`check_file` for all that can be added. plain_text: whether text without any other sign counts as Markdown

    Raises UnreadableDocument (which says how to get LibreOffice where that would read the file) and DocumentTooLarge.
    """
    try:
        return check_file(path, limits)
    except UnreadableDocument as refusal:
        found = type_of(path)
        if found is None or (found is FileType.MARKDOWN and not plain_text):
            raise
        if soffice() is None:
            raise UnreadableDocument(f"This is a file of type {found.value}. {HOW_TO_GET_IT}") from refusal
        return found


def type_of(path: Path) -> FileType | None:
    """The type of an office or web file, or None."""
    try:
        if not path.is_file():  # a pipe or a device is not opened: it may never answer
            return None
        with path.open("rb") as stream:
            return office_type(path, stream.read(_HEAD_BYTES))
    except OSError:
        return None


def is_plain_text_name(name: str) -> bool:
    """Whether a name says that the file is Markdown or plain text, which its content cannot say."""
    return name.lower().endswith(TEXT_SUFFIXES)


def office_type(path: Path, head: bytes) -> FileType | None:
    """The type of a file that is neither a PDF nor a picture, from its first bytes and a ZIP's table of contents."""
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(path)
    if head.startswith(b"{\\rtf"):
        return FileType.RTF
    if _WEB_PAGE.match(head):
        return FileType.HTML
    if not head or sum(byte in _TEXT for byte in head) < _TEXT_SHARE * len(head):
        return None
    return FileType.EML if _is_mail(head) else FileType.MARKDOWN


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
                    return _MIMETYPES.get(stream.read(_MIMETYPE_BYTES).strip())
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
        pass
    return None


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
    return len(found & _MAIL_HEADERS) >= _LEAST_HEADERS
