"""E-books (EPUB) to HTML: their chapters in reading order, with the pictures inside."""

from __future__ import annotations

import base64
import mimetypes
import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from pagelight.ingest.office.web_page import plain_page
from pagelight.ingest.render.text_encoding import decoded
from pagelight.retrieval.errors import UnreadableDocument

#: bytes of one picture and of one part; an e-book's are far smaller (limit)
_MOST_BYTES = 20_000_000


def book_page(path: Path, max_bytes: int) -> str:
    """The body of an HTML document. max_bytes: of all parts unpacked. Raises UnreadableDocument"""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > max_bytes:
                raise UnreadableDocument("The e-book is too large when it is unpacked.")
            return "<hr>".join(_chapter(archive, name) for name in _chapters(archive))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, RuntimeError, ValueError, OSError) as error:
        raise UnreadableDocument("The e-book is damaged or protected and cannot be read.") from error


def _chapters(archive: zipfile.ZipFile) -> list[str]:
    """The names of the chapters' files in reading order (EPUB 3.3, package document)."""
    container = _xml(archive, "META-INF/container.xml")
    package = next(e.attrib["full-path"] for e in container.iter() if e.tag.endswith("}rootfile"))
    document = _xml(archive, package)
    folder = posixpath.dirname(package)
    files = {e.attrib["id"]: e.attrib["href"] for e in document.iter() if e.tag.endswith("}item")}
    order = [e.attrib["idref"] for e in document.iter() if e.tag.endswith("}itemref")]
    return [posixpath.normpath(posixpath.join(folder, unquote(files[one]))) for one in order if one in files]


def _chapter(archive: zipfile.ZipFile, name: str) -> str:
    def picture(source: str) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(source)))
        kind = mimetypes.guess_type(place)[0] or ""
        if not kind.startswith("image/") or place not in archive.namelist():
            return ""
        return f"data:{kind};base64,{base64.b64encode(_read(archive, place)).decode()}"

    return plain_page(decoded(_read(archive, name)), picture)


def _xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    content = _read(archive, name)
    if b"<!ENTITY" in content:  # none has any; they can grow without end
        raise ValueError("entities")
    return ElementTree.fromstring(content)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("too large")
    return content
