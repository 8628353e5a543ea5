"""Files that are attached to a PDF or an e-mail: those that can be searched are written out, to become documents of their own."""

from __future__ import annotations

import ctypes
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.annotations import annotations_of
from pagelight.ingest.render.file_type import HEAD_BYTES, FileType, recognise
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import text_type, type_of

log = logging.getLogger(__name__)

#: attached files of one PDF that are looked at (limit)
MAX_ATTACHED = 200
#: pages that are searched for attached files (limit)
_PAGES = 200
#: the mark of an attached file in a PDF, which is never packed or encrypted (form)
_FILE = re.compile(rb"/EmbeddedFile\b")
#: bytes of a PDF that is looked into: it is held in memory for it (limit)
_MAX_BYTES = 200_000_000
#: levels of a tree of names (guard)
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Attached:
    """A file attached to another one. path: where its content was written, None where it is of no type that is searched, or over a limit"""

    name: str
    path: Path | None


def attached_files(pdf: pdfium.PdfDocument, path: Path, folder: Path, limits: Limits) -> Iterator[Attached]:
    """The files of the document, of its pages and their annotations, written to `folder`, all of them within max_bytes."""
    room = limits.max_bytes
    n_found = n_read = 0
    seen: set[bytes] = set()
    unread: list[str] = []  # by pdfium, where the file's name and content have other keys
    for found in _all(pdf):
        name = found.get_name() or "unnamed"
        size = _size(found)
        n_found += 1
        n_read += size > 0
        if not size:
            unread.append(name)
            continue
        content = _content(found, size) if n_found <= MAX_ATTACHED and size <= room else None
        room -= len(content or b"")
        seen.add(sha256(content or b"").digest())
        yield written_out(name, content, folder)
    for name, content in _other_files(path, n_read, room):
        if content is None or sha256(content).digest() not in seen:
            unread = [one for one in unread if one != (name or "unnamed")]
            yield written_out(name or "unnamed", content if n_found < MAX_ATTACHED else None, folder)
            n_found += 1
    yield from (Attached(name, None) for name in unread)


def written_out(name: str, content: bytes | None, folder: Path) -> Attached:
    """The file, written to `folder` where it is of a type that is searched. content: None where it cannot be had"""
    if not content:
        return Attached(name, None)
    handle, made = tempfile.mkstemp(dir=folder)
    path = Path(made)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    found = recognise(content[:HEAD_BYTES]) or type_of(path)
    if found is None or (found is FileType.TEXT and not text_type(name)):
        path.unlink()
        return Attached(name, None)
    return Attached(name, path)


def _all(pdf: pdfium.PdfDocument) -> Iterator[pdfium.PdfAttachment]:
    for index in range(pdf.count_attachments()):
        yield pdf.get_attachment(index)
    for number in range(min(len(pdf), _PAGES)):
        try:
            page = pdf[number]
        except pdfium.PdfiumError:
            continue
        try:
            yield from _of_page(pdf, page)
        finally:
            page.close()


def _of_page(pdf: pdfium.PdfDocument, page: pdfium.PdfPage) -> Iterator[pdfium.PdfAttachment]:
    for _, annotation in annotations_of(page):
        if pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_FILEATTACHMENT:
            raw = pdfium_c.FPDFAnnot_GetFileAttachment(annotation)
            if raw:
                yield pdfium.PdfAttachment(raw, pdf)


def _size(attachment: pdfium.PdfAttachment) -> int:
    """Bytes of the file; 0 where it is not found."""
    size = ctypes.c_ulong()
    return size.value if pdfium_c.FPDFAttachment_GetFile(attachment, None, 0, size) else 0


def _content(attachment: pdfium.PdfAttachment, n_bytes: int) -> bytes | None:
    """The file's bytes; None where they cannot be had."""
    size, buffer = ctypes.c_ulong(), ctypes.create_string_buffer(n_bytes)
    if not pdfium_c.FPDFAttachment_GetFile(attachment, buffer, n_bytes, size):
        return None
    return buffer.raw


def _other_files(path: Path, n_known: int, most_bytes: int) -> list[tuple[str, bytes | None]]:
    """Names and contents, None beyond most_bytes; damage means none. n_known: attached files that are known already

    Associated files, and those of rich media, hang on neither the list of attachments nor a pin: pdfium does not tell of
    them, pypdf does; nor does it find the content of some. A file with no more embedded files than are known, which is
    nearly every file, is not parsed.
    """
    try:
        if path.stat().st_size > _MAX_BYTES or len(_FILE.findall(path.read_bytes())) <= n_known:
            return []
        from pypdf import PdfReader  # here, since it takes long to import, and hardly a file comes so far

        reader = PdfReader(path)
        found: dict[int, tuple[str, bytes | None]] = {}
        for specification in _specifications(reader):
            stream = _stream(specification)
            if stream is not None and id(stream) not in found:
                content = stream.get_data()
                name = str(specification.get("/UF") or specification.get("/F") or "")
                found[id(stream)] = name, content if len(content) <= most_bytes else None
        return list(found.values())
    except Exception:  # whatever pypdf trips over
        log.exception("other attached files")
        return []


def _specifications(reader: Any) -> Iterator[Any]:
    yield from _entries(reader.root_object, "/AF")
    attached = reader.root_object.get("/Names", {}).get("/EmbeddedFiles")
    if attached is not None:
        yield from _named(attached.get_object(), _DEEPEST)
    for page in islice(reader.pages, _PAGES):
        yield from _entries(page, "/AF")
        for annotation in _entries(page, "/Annots"):
            yield from _entries(annotation, "/AF")
            yield from _entries(annotation, "/FS")
            assets = annotation.get("/RichMediaContent", {}).get("/Assets")
            if assets is not None:
                yield from _named(assets.get_object(), _DEEPEST)


def _entries(holder: Any, key: str) -> Iterator[Any]:
    found = holder.get(key)
    if found is None:
        return
    found = found.get_object()
    for entry in [found] if hasattr(found, "keys") else found:
        value = entry.get_object()
        if hasattr(value, "keys"):
            yield value


def _named(node: Any, depth: int) -> Iterator[Any]:
    """Values of a tree of names."""
    yield from (entry.get_object() for entry in node.get("/Names", [])[1::2])
    if depth:
        for kid in node.get("/Kids", []):
            yield from _named(kid.get_object(), depth - 1)


def _stream(specification: Any) -> Any:
    files = specification.get("/EF")
    if files is None:
        return None
    files = files.get_object()
    found = next((files[key] for key in ("/UF", "/F", "/DOS", "/Mac", "/Unix") if key in files), None)
    return found.get_object() if found is not None else None
