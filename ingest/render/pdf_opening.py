"""Opening of PDFs, damaged ones included: without their header, or without the trailer that says where everything is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.file_type import with_header
from pagelight.ingest.render.page_tree import with_all_pages
from pagelight.retrieval.errors import EncryptedDocument, UnreadableDocument

#: pdfium's error for a file that is not there: that of no file which was found to be a PDF before (form)
_NO_ERROR = pdfium_c.FPDF_ERR_FILE
#: larger files are not mended: they are held in memory for it (limit)
_MAX_BYTES = 200_000_000
#: bytes of an object in which its type is looked for (limit)
_LOOKED_AT = 4000
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9}) \d{1,5} obj\b")
_END = b"endobj"
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_ROOT_OF_PAGES = re.compile(rb"/Pages\s+(\d{1,9}) \d{1,5} R")
_PAGE = re.compile(rb"/Type\s*/Page\b")

MENDED = "The file is damaged; what is left of it is searched."


@dataclass(frozen=True, slots=True)
class OpenedPdf:
    """pdf: the document; is_mended: whether something of it is lost; is_as_written: whether other readers open the same"""

    pdf: pdfium.PdfDocument
    is_mended: bool
    is_as_written: bool


def open_pdf(path: Path, content: bytes | None) -> OpenedPdf:
    """content: in place of the file's, where that is not as pdfium needs it

    Raises EncryptedDocument and UnreadableDocument.
    """
    try:
        opened = _opened(path, content)
        opened.pdf.init_forms()  # so that filled-in fields are drawn
    except FileNotFoundError as error:  # the document was removed just now
        raise UnreadableDocument("The file is gone.") from error
    except pdfium.PdfiumError as error:
        if error.err_code in {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}:
            raise EncryptedDocument(
                "The PDF needs a password; save a copy without one and add that."
            ) from error
        if error.err_code == _NO_ERROR:  # it was read well, but holds nothing
            raise UnreadableDocument("The PDF has no pages.") from error
        raise UnreadableDocument(
            "The PDF is damaged and cannot be read; open it in a viewer, print it to a new PDF and add that."
        ) from error
    if len(opened.pdf) == 0:
        raise UnreadableDocument("The PDF has no pages.")
    return opened


def _opened(path: Path, content: bytes | None) -> OpenedPdf:
    """The file as it is, or with what it lacks."""
    _forget_error()
    try:
        return _with_all_pages(pdfium.PdfDocument(path if content is None else content), path, content)
    except pdfium.PdfiumError as error:
        if error.err_code != pdfium_c.FPDF_ERR_FORMAT:
            raise
        refusal = error
    for mended in (with_header(path), _with_trailer(path)):
        if mended is not None:
            _forget_error()
            try:
                return OpenedPdf(pdfium.PdfDocument(mended), is_mended=True, is_as_written=False)
            except pdfium.PdfiumError:
                continue
    raise refusal


def _with_all_pages(pdf: pdfium.PdfDocument, path: Path, content: bytes | None) -> OpenedPdf:
    """The document, opened again where it has more pages than it says."""
    counted = None
    if path.stat().st_size <= _MAX_BYTES:
        counted = with_all_pages(path.read_bytes() if content is None else content, len(pdf))
    if counted is None:
        return OpenedPdf(pdf, is_mended=False, is_as_written=True)
    pdf.close()
    return OpenedPdf(pdfium.PdfDocument(counted), is_mended=False, is_as_written=False)


def _with_trailer(path: Path) -> bytes | None:
    """The content of a file that was cut off, with a catalogue where that is lost; None where no page is left."""
    if path.stat().st_size > _MAX_BYTES:
        return None
    content = path.read_bytes()
    content = content[
        : content.rfind(_END) + len(_END)
    ]  # what is left of the last object would hide the trailer
    objects = {int(found[1]): found.end() for found in _OBJECT.finditer(content)}
    heads = {number: content[at : at + _LOOKED_AT].split(_END)[0] for number, at in objects.items()}
    for number, head in reversed(heads.items()):
        pages = _ROOT_OF_PAGES.search(head)
        if _CATALOG.search(head) and pages and int(pages[1]) in objects:
            return content + _trailer(number)
    kids = [number for number, head in heads.items() if _PAGE.search(head)]
    if not kids:
        return None
    root = max(objects) + 1
    made = (
        f"\n{root} 0 obj\n<< /Type /Catalog /Pages {root + 1} 0 R >>\nendobj\n{root + 1} 0 obj\n"
        f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>\nendobj\n"
    )
    return content + made.encode() + _trailer(root)


def _trailer(root: int) -> bytes:
    """An end of file that names the catalogue, and no place of anything, so that pdfium looks for all objects itself."""
    return f"\ntrailer\n<< /Root {root} 0 R >>\nstartxref\n0\n%%EOF\n".encode()


def _forget_error() -> None:
    """Make `_NO_ERROR` pdfium's last error, which it keeps from one file to the next."""
    pdfium_c.FPDF_LoadDocument(b"", None)
