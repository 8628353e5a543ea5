"""Files that are attached to a PDF or an e-mail: those that can be searched are written out, to become documents of their own."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.associated_files import associated_files
from pagelight.ingest.render.file_type import HEAD_BYTES, FileType, recognise
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import is_plain_text_name, type_of

#: attached files of one PDF that are looked at (limit)
MAX_ATTACHED = 200
#: pages whose annotations are searched for attached files (limit)
_PAGES = 200


@dataclass(frozen=True, slots=True)
class Attached:
    """A file attached to another one. path: where its content was written, None where it is of no type that is searched, or over a limit"""

    name: str
    path: Path | None


def attached_files(pdf: pdfium.PdfDocument, path: Path, folder: Path, limits: Limits) -> Iterator[Attached]:
    """The files of the document, of its pages and their annotations, written to `folder`, all of them within max_bytes."""
    room = limits.max_bytes
    n_found = 0
    seen: set[bytes] = set()
    for found in _all(pdf):
        name = found.get_name() or "unnamed"
        content = None if n_found >= MAX_ATTACHED else _content(found, room)
        n_found += 1
        room -= len(content or b"")
        seen.add(sha256(content or b"").digest())
        yield written_out(name, content, folder)
    for name, content in associated_files(path, n_found, room):
        if content is None or sha256(content).digest() not in seen:
            yield written_out(name or "unnamed", content if n_found < MAX_ATTACHED else None, folder)
            n_found += 1


def written_out(name: str, content: bytes | None, folder: Path) -> Attached:
    """The file, written to `folder` where it is of a type that is searched. content: None where it cannot be had"""
    if not content:
        return Attached(name, None)
    handle, made = tempfile.mkstemp(dir=folder)
    path = Path(made)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    found = recognise(content[:HEAD_BYTES]) or type_of(path)
    if found is None or (found is FileType.MARKDOWN and not is_plain_text_name(name)):
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
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_FILEATTACHMENT:
                raw = pdfium_c.FPDFAnnot_GetFileAttachment(annotation)
                if raw:
                    yield pdfium.PdfAttachment(raw, pdf)
        finally:
            pdfium_c.FPDFPage_CloseAnnot(annotation)


def _content(attachment: pdfium.PdfAttachment, most_bytes: int) -> bytes | None:
    """The file's bytes; None where it has more than that, or none."""
    size = ctypes.c_ulong()
    if not pdfium_c.FPDFAttachment_GetFile(attachment, None, 0, size) or not 0 < size.value <= most_bytes:
        return None
    buffer = ctypes.create_string_buffer(size.value)
    if not pdfium_c.FPDFAttachment_GetFile(attachment, buffer, size.value, size):
        return None
    return buffer.raw
