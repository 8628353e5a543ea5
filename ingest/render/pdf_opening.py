"""Opening of PDFs, damaged ones included: without their header, or without the trailer that says where everything is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.file_type import with_header
from pagelight.ingest.render.page_tree import packed_objects, with_all_pages
from pagelight.retrieval.errors import EncryptedDocument, UnreadableDocument

#: pdfium's error for a file that is not there: that of no file which was found to be a PDF before (form)
_NO_ERROR = pdfium_c.FPDF_ERR_FILE
#: larger files are not mended: they are held in memory for it (limit)
_MAX_BYTES = 200_000_000
#: pages among which one that is there is looked for (limit)
_FIRST_PAGES = 20
#: bytes of an object in which its type is looked for (limit)
_LOOKED_AT = 4000
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9}) \d{1,5} obj\b")
_END = b"endobj"
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_ROOT_OF_PAGES = re.compile(rb"/Pages\s+(\d{1,9}) \d{1,5} R")
#: an encryption's way to make its key, from which on no name of the file is part of it (form)
_WITHOUT_ID = 5
_ENCRYPTION = re.compile(rb"/Standard\b(?=.{0,2000}?/R\s+(\d)\b)", re.DOTALL)
_ID = re.compile(rb"/ID\s*\[.{0,300}?\]", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page\b")

MENDED = "The file is damaged; what is left of it is searched."


@dataclass(frozen=True, slots=True)
class OpenedPdf:
    """pdf: the document; source: what it was opened from; is_mended: whether something of it is lost; is_as_written:
    whether other readers open the same"""

    pdf: pdfium.PdfDocument
    source: Path | bytes
    is_mended: bool
    is_as_written: bool


def open_pdf(path: Path, content: bytes | None) -> OpenedPdf:
    """content: in place of the file's, where that is not as pdfium needs it

    Raises EncryptedDocument and UnreadableDocument.
    """
    with _errors():
        opened = _opened(path, content)
        opened.pdf.init_forms()  # so that filled-in fields are drawn
    if len(opened.pdf) == 0:
        raise UnreadableDocument("The PDF has no pages.")
    return opened


def reopened(opened: OpenedPdf) -> OpenedPdf:
    """The document once more, what pdfium keeps of its pages let go. Raises EncryptedDocument and UnreadableDocument."""
    opened.pdf.close()
    with _errors():
        pdf = pdfium.PdfDocument(opened.source)
        pdf.init_forms()
    return replace(opened, pdf=pdf)


@contextmanager
def _errors() -> Iterator[None]:
    """What pdfium says on opening, in words for a person."""
    try:
        yield
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


def _opened(path: Path, content: bytes | None) -> OpenedPdf:
    """The file as it is, or with what it lacks."""
    refusal: pdfium.PdfiumError | None = None
    _forget_error()
    try:
        source = path if content is None else content
        found = pdfium.PdfDocument(source)
        if _has_page(found):
            return _with_all_pages(found, source, path)
    except pdfium.PdfiumError as error:
        if error.err_code not in {pdfium_c.FPDF_ERR_FORMAT, _NO_ERROR}:
            raise
        refusal = error
    for mended in (with_header(path), *_with_trailer(path)):
        if mended is None:
            continue
        _forget_error()
        try:
            pdf = pdfium.PdfDocument(mended)
        except pdfium.PdfiumError:
            continue
        if _has_page(pdf):
            return OpenedPdf(pdf, mended, is_mended=True, is_as_written=False)
    if refusal:
        raise refusal
    return OpenedPdf(found, source, is_mended=False, is_as_written=True)


def _has_page(pdf: pdfium.PdfDocument) -> bool:
    """Whether one of the first pages is there at all."""
    return any(_is_there(pdf, index) for index in range(min(len(pdf), _FIRST_PAGES)))


def _is_there(pdf: pdfium.PdfDocument, index: int) -> bool:
    with suppress(pdfium.PdfiumError):
        pdf.get_page_size(index)
        return True
    return False


def _with_all_pages(pdf: pdfium.PdfDocument, source: Path | bytes, path: Path) -> OpenedPdf:
    """The document, opened again where it has more pages than it says, or by far fewer."""
    counted = None
    if path.stat().st_size <= _MAX_BYTES:
        content = source if isinstance(source, bytes) else path.read_bytes()
        counted = with_all_pages(content, len(pdf), is_last_there=_is_there(pdf, len(pdf) - 1))
    if counted is None:
        return OpenedPdf(pdf, source, is_mended=False, is_as_written=True)
    pdf.close()
    return OpenedPdf(pdfium.PdfDocument(counted), counted, is_mended=False, is_as_written=False)


def _with_trailer(path: Path) -> Iterator[bytes]:
    """The content of a file that was cut off, or whose tree of pages is damaged: with its own catalogue, and with one of all pages."""
    if path.stat().st_size > _MAX_BYTES:
        return
    content = path.read_bytes()
    content = content[
        : content.rfind(_END) + len(_END)
    ]  # what is left of the last object would hide the trailer
    encryption = _encryption(content)
    if encryption is None:
        return
    loose = {int(found[1]) for found in _OBJECT.finditer(content)}
    packed = [] if encryption else [*packed_objects(content)]
    unpacked = [b"\n%d 0 obj\n%s\nendobj" % one for one in dict(packed).items() if one[0] not in loose]
    content += b"".join(unpacked)
    objects = {int(found[1]): found.end() for found in _OBJECT.finditer(content)}
    heads = {number: content[at : at + _LOOKED_AT].split(_END)[0] for number, at in objects.items()}
    for number, head in reversed(heads.items()):
        pages = _ROOT_OF_PAGES.search(head)
        if _CATALOG.search(head) and pages and int(pages[1]) in objects:
            yield content + _trailer(number, encryption)
            break
    kids = [number for number, head in heads.items() if _PAGE.search(head)]
    if not kids:
        return
    root = max(objects) + 1
    made = (
        f"\n{root} 0 obj\n<< /Type /Catalog /Pages {root + 1} 0 R >>\nendobj\n{root + 1} 0 obj\n"
        f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>\nendobj\n"
    )
    yield content + made.encode() + _trailer(root, encryption)


def _encryption(content: bytes) -> bytes | None:
    """What a trailer says of the file's encryption, empty where there is none; None where that is lost."""
    found = _ENCRYPTION.search(content)
    if not found:
        return b""
    number = [*_OBJECT.finditer(content, 0, found.start())][-1:]
    identity = _ID.search(content)
    is_newest = int(found[1]) >= _WITHOUT_ID
    if not number or not (identity or is_newest):
        return None
    return b"/Encrypt %s 0 R %s" % (number[0][1], identity[0] if identity else b"")


def _trailer(root: int, encryption: bytes) -> bytes:
    """An end of file that names the catalogue, and no place of anything, so that pdfium looks for all objects itself."""
    return b"\ntrailer\n<< /Root %d 0 R %s >>\nstartxref\n0\n%%%%EOF\n" % (root, encryption)


def _forget_error() -> None:
    """Make `_NO_ERROR` pdfium's last error, which it keeps from one file to the next."""
    pdfium_c.FPDF_LoadDocument(b"", None)
