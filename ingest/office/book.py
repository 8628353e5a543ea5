"""E-books (EPUB) to HTML: their chapters in reading order, with the pictures inside."""

from __future__ import annotations

import base64
import mimetypes
import posixpath
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from pagelight.ingest.office.web_page import plain_page
from pagelight.ingest.render.text_encoding import decoded
from pagelight.retrieval.errors import UnreadableDocument

_ENCRYPTION = "META-INF/encryption.xml"
#: what a damaged archive or part of it raises
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    StopIteration,
    KeyError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OSError,
)
#: bytes of one picture and of one part; an e-book's are far smaller (limit)
_MOST_BYTES = 20_000_000


def book_page(path: Path, max_bytes: int) -> str:
    """The body of an HTML document; a chapter that is missing or damaged costs itself alone. max_bytes: of all parts unpacked

    Raises UnreadableDocument
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > max_bytes:
                raise UnreadableDocument("The e-book is too large when it is unpacked.")
            chapters = _chapters(archive)
            sealed = _sealed(archive)
            if sealed.issuperset(chapters):
                raise UnreadableDocument(
                    "The e-book is protected and cannot be read; add a copy without protection, or a PDF."
                )
            read = [_chapter(archive, name) for name in chapters if name not in sealed]
    except _DAMAGE as error:
        raise UnreadableDocument("The e-book is damaged or protected and cannot be read.") from error
    if not any(read):
        raise UnreadableDocument("The e-book is damaged, and none of its chapters can be read.")
    return "<hr>".join(filter(None, read))


def _chapters(archive: zipfile.ZipFile) -> list[str]:
    """The names of the chapters' files in reading order (EPUB 3.3, package document); of all of them where it names none."""
    container = _xml(archive, "META-INF/container.xml")
    package = next(e.attrib["full-path"] for e in container.iter() if e.tag.endswith("}rootfile"))
    document = _xml(archive, package)
    files = {
        e.attrib["id"]: (e.attrib["href"], e.attrib.get("media-type", ""))
        for e in document.iter()
        if e.tag.endswith("}item") and {"id", "href"} <= set(e.attrib)
    }
    order = [e.attrib.get("idref", "") for e in document.iter() if e.tag.endswith("}itemref")]
    places = [files[one][0] for one in order if one in files]
    places = places or [place for place, kind in files.values() if "html" in kind]
    return list(dict.fromkeys(_found(archive, posixpath.dirname(package), place) for place in places))


def _found(archive: zipfile.ZipFile, folder: str, place: str) -> str:
    """Name of the file that an address means: some are written in other cases, and some point at a place in the file."""
    name = posixpath.normpath(posixpath.join(folder, unquote(place.partition("#")[0])))
    names = archive.namelist()
    if name in names:
        return name
    return next((other for other in names if other.lower() == name.lower()), name)


def _sealed(archive: zipfile.ZipFile) -> frozenset[str]:
    """Names of the files that are encrypted (EPUB 3.3, encryption.xml)."""
    if _ENCRYPTION not in archive.namelist():
        return frozenset()
    entries = _xml(archive, _ENCRYPTION).iter()
    return frozenset(unquote(e.attrib.get("URI", "")) for e in entries if e.tag.endswith("}CipherReference"))


def _chapter(archive: zipfile.ZipFile, name: str) -> str:
    """Its HTML; empty where it cannot be read."""

    def picture(source: str) -> str:
        place = _found(archive, posixpath.dirname(name), source)
        kind = mimetypes.guess_type(place)[0] or ""
        if not kind.startswith("image/") or place not in archive.namelist():
            return ""
        try:
            return f"data:{kind};base64,{base64.b64encode(_read(archive, place)).decode()}"
        except _DAMAGE:
            return ""

    try:
        return plain_page(decoded(_read(archive, name)), picture)
    except _DAMAGE:
        return ""


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
