"""Annotations of a PDF page: form fields, typed notes, stamps, marks. What of them people see becomes part of the page.

pdfium's text of a page is that of its content alone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

#: annotations that are drawn without words of their own, or not at all
_SILENT = frozenset((pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP))
_UNSEEN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
#: form fields with a text to read, and bits of their flags (ISO 32000-2, table 230)
_TEXT_FIELDS = frozenset((pdfium_c.FPDF_FORMFIELD_TEXTFIELD, pdfium_c.FPDF_FORMFIELD_COMBOBOX))
_PASSWORD = 1 << 13
#: pixels a unit of a drawing that nobody looks at (form)
_SCALE = 0.01
#: bytes of one text that are read (limit)
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Written:
    """Text that somebody wrote onto the page. box: left, bottom, right, top in page units

    is_drawn: whether it stands on the page itself; a sticky note opens when it is pointed at
    """

    text: str
    box: tuple[float, float, float, float]
    is_drawn: bool = True


def has_writing(page: pdfium.PdfPage) -> bool:
    """Whether the page has annotations that may show words, or hide some."""
    return any(
        pdfium_c.FPDFAnnot_GetSubtype(annotation) not in _SILENT for _, annotation in _annotations(page)
    )


def flatten(page: pdfium.PdfPage) -> bool:
    """Make what people see of the annotations part of the page, which shows when the page is opened again."""
    page.render(scale=_SCALE)  # pdfium makes the looks that a file leaves to its readers when it draws them
    unseen = [
        index for index, annotation in _annotations(page) if pdfium_c.FPDFAnnot_GetFlags(annotation) & _UNSEEN
    ]
    for index in reversed(unseen):
        pdfium_c.FPDFPage_RemoveAnnot(page, index)
    flag = pdfium_c.FLAT_NORMALDISPLAY
    return bool(pdfium_c.FPDFPage_Flatten(page, flag) == pdfium_c.FLATTEN_SUCCESS)


def written(pdf: pdfium.PdfDocument, page: pdfium.PdfPage) -> list[Written]:
    """The texts of fields and notes that people see; of a page that is not flattened yet."""
    found = []
    for _, annotation in _annotations(page):
        if pdfium_c.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
            continue
        text = _text(pdf, annotation)
        rect = pdfium_c.FS_RECTF()
        if text.strip() and pdfium_c.FPDFAnnot_GetRect(annotation, rect):
            is_drawn = pdfium_c.FPDFAnnot_GetSubtype(annotation) != pdfium_c.FPDF_ANNOT_TEXT
            found.append(Written(text, (rect.left, rect.bottom, rect.right, rect.top), is_drawn))
    return found


def _annotations(page: pdfium.PdfPage) -> Iterator[tuple[int, pdfium_c.FPDF_ANNOTATION]]:
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield index, annotation
            finally:
                pdfium_c.FPDFPage_CloseAnnot(annotation)


def _text(pdf: pdfium.PdfDocument, annotation: pdfium_c.FPDF_ANNOTATION) -> str:
    """The annotation's text where it is a typed or sticky note, a filled-in field or a choice; no passwords."""
    kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
    if kind in (pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_TEXT):
        return _utf16(lambda *room: pdfium_c.FPDFAnnot_GetStringValue(annotation, b"Contents", *room))
    form = pdf.formenv
    if kind != pdfium_c.FPDF_ANNOT_WIDGET or form is None:
        return ""
    if (
        pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation) not in _TEXT_FIELDS
        or pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD
    ):
        return ""
    return _utf16(lambda *room: pdfium_c.FPDFAnnot_GetFormFieldValue(form, annotation, *room))


def _utf16(read: Callable[[Any, int], int]) -> str:
    """read: writes UTF-16 with a final zero into a buffer of so many bytes, and says how many it takes"""
    n_bytes = min(read(None, 0), _LONGEST)
    buffer = (ctypes.c_ushort * (n_bytes // 2 + 1))()
    read(buffer, n_bytes)
    return bytes(buffer)[: max(n_bytes - 2, 0)].decode("utf-16-le", "replace")
